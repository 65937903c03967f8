// Events as a table whose columns fit their kind: a login is not told like a CloudTrail call.
#pragma once

#include <string>
#include <vector>

#include "cli/client/json.h"
#include "cli/terminal/table.h"
#include "cli/terminal/time_text.h"

namespace sightline::cli {

// `events` as event/json.h writes them. `fields`: the columns wanted, by name as in the events; empty: chosen by the
// kinds of events there are.
Table event_table(const std::vector<Json>& events, const std::vector<std::string>& fields, const TimeZone& zone);

// The rows of an aggregation: {"columns":[…],"rows":[[…],…]}; times in the zone.
Table aggregate_table(const Json& answer, const TimeZone& zone);

}  // namespace sightline::cli
