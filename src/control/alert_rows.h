// Alerts within someone else's transaction. Private to this folder.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "control/alert_table.h"
#include "control/database.h"

namespace sightline::control {

bool alert_exists(SQLite::Database& connection, std::string_view id);

// Those of `found` that are not stored yet, each once, ordered by id: what the batch opens.
std::vector<const alerts::Alert*> new_alerts(SQLite::Database& connection, std::span<const alerts::Alert> found);

Sha256Digest hash_alerts(std::span<const alerts::Alert* const> ordered);

void insert_alerts(SQLite::Database& connection, std::uint64_t batch, std::span<const alerts::Alert* const> opened);

}  // namespace sightline::control
