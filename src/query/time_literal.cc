#include "query/time_literal.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "query/fold.h"

namespace sightline::query {
namespace {

constexpr std::int64_t kSecondMs = 1000;
constexpr std::int64_t kMinuteMs = 60 * kSecondMs;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;
constexpr std::int64_t kDayMs = 24 * kHourMs;
constexpr std::int64_t kMaxDurationMs = 200 * 366 * kDayMs;

struct Unit {
  char letter;
  std::int64_t ms;
};
constexpr std::array kUnits{Unit{'w', 7 * kDayMs}, Unit{'d', kDayMs}, Unit{'h', kHourMs}, Unit{'m', kMinuteMs},
                            Unit{'s', kSecondMs}};

constexpr std::string_view kForms = "1600362961 (seconds), 1600362961000 (milliseconds), 2026-03-01, 2026-03-01T10:15:30Z, now-15m";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::unexpected<TimeMistake> mistake(std::string message) {
  return std::unexpected(TimeMistake{std::move(message), fmt::format("times are written like {}", kForms)});
}

// Takes ISO-8601 apart from left to right.
class IsoParser {
 public:
  explicit IsoParser(std::string_view text) : rest_(text) {}

  std::optional<TimeRange> run() {
    const std::optional<std::int64_t> day_ms = date();
    if (!day_ms) return std::nullopt;
    std::int64_t begin_ms = *day_ms;
    if (rest_.empty()) return TimeRange{begin_ms, begin_ms + kDayMs};
    if (!take('T') && !take('t') && !take(' ')) return std::nullopt;
    const std::optional<std::int64_t> clock_ms = clock();
    const std::optional<std::int64_t> offset_ms = clock_ms ? offset() : std::nullopt;
    if (!offset_ms || !rest_.empty()) return std::nullopt;
    begin_ms += *clock_ms - *offset_ms;
    return TimeRange{begin_ms, begin_ms + precision_ms_};
  }

 private:
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::optional<int> number(std::size_t digits) {
    if (rest_.size() < digits || !std::ranges::all_of(rest_.substr(0, digits), is_digit)) return std::nullopt;
    int value = 0;
    std::from_chars(rest_.data(), rest_.data() + digits, value);
    rest_.remove_prefix(digits);
    return value;
  }

  std::optional<std::int64_t> date() {
    const std::optional<int> year = number(4);
    if (!year || !take('-')) return std::nullopt;
    const std::optional<int> month = number(2);
    if (!month || !take('-')) return std::nullopt;
    const std::optional<int> day = number(2);
    if (!day) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok()) return std::nullopt;
    return std::int64_t{std::chrono::sys_days(date).time_since_epoch().count()} * kDayMs;
  }

  std::optional<std::int64_t> clock() {
    const std::optional<int> hour = number(2);
    if (!hour || *hour > 23 || !take(':')) return std::nullopt;
    const std::optional<int> minute = number(2);
    if (!minute || *minute > 59) return std::nullopt;
    std::int64_t ms = *hour * kHourMs + *minute * kMinuteMs;
    precision_ms_ = kMinuteMs;
    if (!take(':')) return ms;
    const std::optional<int> second = number(2);
    if (!second || *second > 59) return std::nullopt;
    precision_ms_ = kSecondMs;
    ms += *second * kSecondMs;
    if (!take('.') && !take(',')) return ms;
    const std::optional<std::int64_t> fraction_ms = fraction();
    if (!fraction_ms) return std::nullopt;
    return ms + *fraction_ms;
  }

  std::optional<std::int64_t> fraction() {
    std::int64_t ms = 0;
    std::size_t digits = 0;
    for (; digits < rest_.size() && is_digit(rest_[digits]); ++digits) {
      if (digits < 3) ms = ms * 10 + (rest_[digits] - '0');
    }
    if (digits == 0 || digits > 9) return std::nullopt;
    for (std::size_t i = digits; i < 3; ++i) ms *= 10;
    rest_.remove_prefix(digits);
    precision_ms_ = 1;
    return ms;
  }

  std::optional<std::int64_t> offset() {
    if (rest_.empty() || take('Z') || take('z')) return 0;
    const bool west = rest_.starts_with('-');
    if (!take('+') && !take('-')) return std::nullopt;
    const std::optional<int> hours = number(2);
    if (!hours || *hours > 14) return std::nullopt;
    int minutes = 0;
    if (!rest_.empty()) {
      take(':');
      const std::optional<int> given = number(2);
      if (!given || *given > 59) return std::nullopt;
      minutes = *given;
    }
    const std::int64_t ms = *hours * kHourMs + minutes * kMinuteMs;
    return west ? -ms : ms;
  }

  std::string_view rest_;
  std::int64_t precision_ms_ = kDayMs;
};

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
  if (const std::optional<TimeRange> range = IsoParser(text).run()) return *range;
  return mistake("this is not a time");
}

std::optional<std::int64_t> parse_duration_ms(std::string_view text) {
  std::int64_t count = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc() || stop + 1 != end || !is_digit(text.front()) || count < 1) return std::nullopt;
  const auto unit = std::ranges::find(kUnits, fold(*stop), &Unit::letter);
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
