#include "query/time_literal.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "event/time.h"
#include "query/fold.h"

namespace sightline::query {
namespace {

constexpr std::int64_t kSecondMs = 1000;
constexpr std::int64_t kMinuteMs = 60 * kSecondMs;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;
constexpr std::int64_t kDayMs = 24 * kHourMs;
constexpr std::int64_t kMaxDurationMs = std::int64_t{200} * 366 * kDayMs;

struct Unit {
  char letter;
  std::int64_t ms;
};
constexpr std::array kUnits{Unit{'w', 7 * kDayMs}, Unit{'d', kDayMs}, Unit{'h', kHourMs}, Unit{'m', kMinuteMs},
                            Unit{'s', kSecondMs}};

constexpr std::string_view kForms =
    "1600362961 (seconds), 1600362961000 (milliseconds), 2026-03-01, 2026-03-01T10:15:30Z, now-15m";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::unexpected<TimeMistake> mistake(std::string message) {
  return std::unexpected(TimeMistake{std::move(message), fmt::format("times are written like {}", kForms)});
}

// How long a time is that was written like this, YYYY-MM-DD[Thh:mm[:ss[.fraction]]][offset].
std::int64_t precision_ms(std::string_view iso) {
  constexpr std::size_t kDateSize = 10;
  constexpr std::size_t kMinuteSize = 16;
  constexpr std::size_t kSecondSize = 19;
  if (iso.find_first_of("Tt ") != kDateSize) return kDayMs;
  if (iso.size() <= kMinuteSize || iso[kMinuteSize] != ':') return kMinuteMs;
  const bool has_fraction = iso.size() > kSecondSize && (iso[kSecondSize] == '.' || iso[kSecondSize] == ',');
  return has_fraction ? 1 : kSecondMs;
}

std::expected<TimeRange, TimeMistake> parse_digits(std::string_view text) {
  if (text.size() != 10 && text.size() != 13) {
    return mistake(fmt::format("a time has 10 digits (seconds) or 13 (milliseconds), this has {}", text.size()));
  }
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.size() == 13) return TimeRange{value, value + 1};
  return TimeRange{value * kSecondMs, (value + 1) * kSecondMs};
}

std::expected<TimeRange, TimeMistake> parse_relative(std::string_view text, std::optional<std::int64_t> now_ms) {
  if (!now_ms) {
    return std::unexpected(TimeMistake{"a time relative to now has no fixed meaning here", "write an absolute time"});
  }
  std::int64_t offset_ms = 0;
  if (text.size() > 3) {
    const std::optional<std::int64_t> duration_ms = parse_duration_ms(text.substr(4));
    if (!duration_ms) return mistake("this is not a time relative to now");
    offset_ms = text[3] == '-' ? -*duration_ms : *duration_ms;
  }
  return TimeRange{*now_ms + offset_ms, *now_ms + offset_ms + 1};
}

}  // namespace

bool looks_relative(std::string_view text) {
  if (!equal_folded(text.substr(0, 3), "now")) return false;
  return text.size() == 3 || text[3] == '-' || text[3] == '+';
}

bool looks_like_date(std::string_view text) {
  return text.size() >= 5 && text[4] == '-' && std::ranges::all_of(text.substr(0, 4), is_digit);
}

std::expected<TimeRange, TimeMistake> parse_time(std::string_view text, std::optional<std::int64_t> now_ms) {
  if (looks_relative(text)) return parse_relative(text, now_ms);
  if (!text.empty() && std::ranges::all_of(text, is_digit)) return parse_digits(text);
  if (const std::optional<std::int64_t> begin_ms = parse_iso8601(text)) {
    return TimeRange{*begin_ms, *begin_ms + precision_ms(text)};
  }
  return mistake("this is not a time");
}

std::optional<std::int64_t> parse_duration_ms(std::string_view text) {
  std::int64_t count = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc() || stop + 1 != end || !is_digit(text.front()) || count < 1) return std::nullopt;
  const auto unit = std::ranges::find(kUnits, fold(text.back()), &Unit::letter);
  if (unit == kUnits.end() || count > kMaxDurationMs / unit->ms) return std::nullopt;
  return count * unit->ms;
}

std::string duration_to_string(std::int64_t duration_ms) {
  for (const Unit& unit : kUnits) {
    if (duration_ms % unit.ms == 0) return fmt::format("{}{}", duration_ms / unit.ms, unit.letter);
  }
  return fmt::format("{}ms", duration_ms);
}

}  // namespace sightline::query
