// Parts of a point in time by the calendar and clock of UTC.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "query/ast.h"

namespace sightline::query {

// In the Gregorian calendar, also before it was introduced; `week` as ISO 8601 counts them: the first is the one with
// the year's first Thursday, so the days around New Year may belong to a week of the other year.
std::int64_t part_of_time(TimePart part, std::int64_t time_ms);

// What such a part can be, both ends included. nullopt: any number.
struct PartRange {
  std::int64_t lowest = 0;
  std::int64_t highest = 0;
};
std::optional<PartRange> range_of(TimePart part);

std::string_view to_string(TimePart part);
// In any case; nullopt: no part is called that.
std::optional<TimePart> find_time_part(std::string_view word);
// The part that somebody may have meant who wrote another word; empty: none is like it.
std::string_view nearest_time_part(std::string_view word);

inline constexpr std::string_view kTimeParts = "minute, hour, day, week, month or year";

}  // namespace sightline::query
