#include "sources/syslog/time_stamp.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "event/time.h"

namespace sightline::syslog {
namespace {

constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;
constexpr std::int64_t kMaxTime_ms = 7'258'118'400'000;  // 2200: what comes later is no time of an event
constexpr int kYearsBack = 8;                            // between leap years there are up to eight
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

struct Moment {
  int month = 0;  // from 1
  int day = 0;
  std::int64_t time_of_day_ms = 0;
};

std::optional<int> take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count || !std::ranges::all_of(text.substr(0, count), is_digit)) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(0, count)) value = value * 10 + (c - '0');
  text.remove_prefix(count);
  return value;
}

std::optional<int> take_month(std::string_view& text) {
  const auto* const month = std::ranges::find(kMonths, text.substr(0, 3));
  if (month == kMonths.end() || text.size() < 4 || text[3] != ' ') return std::nullopt;
  text.remove_prefix(4);
  return static_cast<int>(month - kMonths.begin()) + 1;
}

std::optional<int> take_day(std::string_view& text) {
  if (text.starts_with(' ')) text.remove_prefix(1);
  const bool two = text.size() > 1 && is_digit(text[1]);
  const auto day = take_digits(text, two ? 2 : 1);
  if (!day || !text.starts_with(' ')) return std::nullopt;
  text.remove_prefix(1);
  return day;
}

std::optional<std::int64_t> take_time_of_day(std::string_view& text) {
  constexpr std::array<int, 3> kLargest = {23, 59, 60};
  std::int64_t seconds = 0;
  for (std::size_t i = 0; i < kLargest.size(); ++i) {
    if (i > 0) {
      if (!text.starts_with(':')) return std::nullopt;
      text.remove_prefix(1);
    }
    const auto part = take_digits(text, 2);
    if (!part || *part > kLargest[i]) return std::nullopt;
    seconds = seconds * 60 + *part;
  }
  std::int64_t time_ms = seconds * 1000;
  if (text.size() > 1 && text[0] == '.' && is_digit(text[1])) {
    text.remove_prefix(1);
    for (int unit = 100; !text.empty() && is_digit(text.front()); unit /= 10, text.remove_prefix(1)) {
      time_ms += unit * (text.front() - '0');
    }
  }
  return time_ms;
}

std::optional<std::int64_t> in_year(const Moment& moment, int year) {
  using namespace std::chrono;  // NOLINT: year, month and day of one function
  const year_month_day date(std::chrono::year(year), month(static_cast<unsigned>(moment.month)),
                            day(static_cast<unsigned>(moment.day)));
  if (!date.ok()) return std::nullopt;
  return static_cast<std::int64_t>(sys_days(date).time_since_epoch().count()) * kDayMs + moment.time_of_day_ms;
}

int year_of(std::int64_t time_ms) {
  using namespace std::chrono;  // NOLINT
  return static_cast<int>(year_month_day(floor<days>(sys_time<milliseconds>(milliseconds(time_ms)))).year());
}

std::optional<std::int64_t> newest_before(const Moment& moment, std::int64_t limit_ms) {
  const int last = year_of(limit_ms);
  for (int year = last; year >= last - kYearsBack; --year) {
    const auto time_ms = in_year(moment, year);
    if (time_ms && *time_ms <= limit_ms) return time_ms;
  }
  return std::nullopt;
}

// Up to 29 February: whether the year has it is seen later.
bool is_possible(const Moment& moment) { return in_year(moment, 2000).has_value(); }

}  // namespace

std::optional<TimeStamp> take_bsd_time(std::string_view& text, std::int64_t reference_time_ms) {
  std::string_view rest = text;
  Moment moment;
  const auto month = take_month(rest);
  const auto day = month ? take_day(rest) : std::nullopt;
  if (!day) return std::nullopt;
  std::optional<int> year;
  if (rest.size() > 4 && rest[4] == ' ') {
    year = take_digits(rest, 4);
    if (!year) return std::nullopt;
    rest.remove_prefix(1);
  }
  const auto time_of_day_ms = take_time_of_day(rest);
  if (!time_of_day_ms) return std::nullopt;
  moment = {.month = *month, .day = *day, .time_of_day_ms = *time_of_day_ms};
  if (!is_possible(moment)) return std::nullopt;
  TimeStamp stamp{.time_ms = {}, .year_assumed = !year, .zone_assumed = true};
  if (year) {
    stamp.time_ms = in_year(moment, *year);
    if (!stamp.time_ms || *stamp.time_ms <= 0) return std::nullopt;
  } else if (reference_time_ms > 0 && reference_time_ms < kMaxTime_ms) {
    stamp.time_ms = newest_before(moment, reference_time_ms + kDayMs);
  }
  text = rest;
  return stamp;
}

std::optional<TimeStamp> take_iso_time(std::string_view& text) {
  constexpr std::size_t kDateSize = 10;
  const std::string_view word = text.substr(0, std::min(text.find(' '), text.size()));
  if (word.size() <= kDateSize || word[kDateSize] != 'T') return std::nullopt;
  const auto time_ms = parse_iso8601(word);
  if (!time_ms || *time_ms <= 0 || *time_ms >= kMaxTime_ms) return std::nullopt;
  const std::string_view clock = word.substr(kDateSize);
  text.remove_prefix(word.size());
  return TimeStamp{
      .time_ms = time_ms, .year_assumed = false, .zone_assumed = clock.find_first_of("Z+-") == std::string_view::npos};
}

}  // namespace sightline::syslog
