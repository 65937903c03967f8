// When an event happened, in the forms that senders write it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sightline::sources {

// ISO-8601 (event/time.h); a number of 13 digits, milliseconds since 1970; a number of 10 digits, seconds, also with a
// fraction. nullopt: anything else, and what cannot be the time of an event: up to 1970-01-01 or from 2200-01-01 on.
std::optional<std::int64_t> parse_time_value(std::string_view text);

}  // namespace sightline::sources
