// Whether the audit log accounts for the tokens there are. Private to this folder.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "control/database.h"
#include "control/tokens.h"

namespace sightline::control {

// Actions of the audit log.
inline constexpr std::string_view kCreateTokenAction = "token.create";
inline constexpr std::string_view kRevokeTokenAction = "token.revoke";

// A token as it is made; nothing of it changes later.
struct TokenRecord {
  std::string_view id;
  const Sha256Digest& secret_hash;
  std::string_view name;
  std::string_view scopes;  // as stored
  std::string_view agent_id;
  std::string_view source;
};

// What the audit log says of a new token: "shipper (ingest search); record 5f0c…", the record being the SHA-256 of all
// of it, so that neither the secret nor whom it speaks for can be exchanged.
std::string creation_detail(const TokenRecord& record);

// One line each: a token that is not as the log says, that it does not speak of, or that is gone.
std::vector<std::string> find_token_doubts(SQLite::Database& connection, std::uint32_t limit);

}  // namespace sightline::control
