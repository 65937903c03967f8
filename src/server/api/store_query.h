// Queries that handlers themselves ask.
#pragma once

#include <optional>
#include <stop_token>
#include <string_view>

#include "base/error.h"
#include "server/api/services.h"

namespace sightline::api {

// The table that `text`, a query ending in a pipe, makes of events with from ≤ event_time < to. Errors: as
// EventStore::search; internal where the text is no such query.
Result<store::Table> query_table(Services& services, std::string_view text, std::optional<std::int64_t> from_ms,
                                 std::optional<std::int64_t> to_ms, std::stop_token stop);

}  // namespace sightline::api
