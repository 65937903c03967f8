// The ends of the chains within someone else's transaction. Private to this folder.
#pragma once

#include <string_view>

#include "control/chain_head.h"
#include "control/database.h"

namespace sightline::control {

inline constexpr std::string_view kBatchChain = "batches";
inline constexpr std::string_view kAuditChain = "audit_log";

ChainEnd read_chain_end(SQLite::Database& connection, std::string_view chain);
void keep_head(SQLite::Database& connection, std::string_view chain, const ChainHead& head);

}  // namespace sightline::control
