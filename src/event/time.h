// Points in time as text. UTC throughout; milliseconds since 1970.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sightline {

// Reads YYYY-MM-DD, optionally followed by 'T' or a space and hh:mm[:ss[.fraction]], optionally followed by Z or an
// offset (+hh:mm, +hhmm, +hh). Without an offset it is UTC. A fraction may have any length; beyond milliseconds it is
// cut off. Second 60 is the next minute's first. nullopt: anything else, and dates that do not exist.
std::optional<std::int64_t> parse_iso8601(std::string_view text);

// "2024-07-31T12:46:41.123Z", always with three fraction digits. Outside the years 0000 to 9999, which have no such
// form, the number of milliseconds.
std::string format_iso8601(std::int64_t time_ms);

}  // namespace sightline
