// Brings the tables to the layout that this program writes.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/error.h"
#include "store/clickhouse/embedded/connection.h"

namespace sightline::store::clickhouse {

// Raise it with every step added to migrations.cc. A field added to fields.def needs none: its column is added.
inline constexpr std::uint32_t kSchemaVersion = 6;
// Older layouts are refused.
inline constexpr std::uint32_t kOldestVersion = 4;

// Idempotent. Errors: conflict where the data was written by a newer version, or by one too old to be read (both
// versions are named); unavailable.
Result<void> migrate(Connection& connection, const std::function<void(std::string_view)>& log);

}  // namespace sightline::store::clickhouse
