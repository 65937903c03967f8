// Times and durations as a query writes them.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "query/ast.h"

namespace sightline::query {

struct TimeMistake {
  std::string message;
  std::string hint;
};

// The span that `text` names: 13 digits a millisecond, 10 digits a second, ISO-8601 as long as its last part, `now`
// with an offset a millisecond. `now_ms` nullopt: relative times are refused.
std::expected<TimeRange, TimeMistake> parse_time(std::string_view text, std::optional<std::int64_t> now_ms);

// A whole number of s, m, h, d or w, at least 1 and at most about 200 years.
std::optional<std::int64_t> parse_duration_ms(std::string_view text);

// `now`, or `now` followed by + or -; whether the rest makes sense is parse_time's to say.
bool looks_relative(std::string_view text);
// Four digits and '-'.
bool looks_like_date(std::string_view text);

// The longest unit that divides it: 300000 is "5m".
std::string duration_to_string(std::int64_t duration_ms);

}  // namespace sightline::query
