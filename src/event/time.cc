#include "event/time.h"

#include <fmt/format.h>

#include <chrono>

namespace sightline {
namespace {

constexpr std::int64_t kSecondMs = 1000;
constexpr std::int64_t kMinuteMs = 60 * kSecondMs;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;
constexpr std::int64_t kDayMs = 24 * kHourMs;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Reads parts off the front of the text; once a part is missing, every later one is too.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  int digits(std::size_t count) {
    if (rest_.size() < count) return fail();
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!is_digit(rest_[i])) return fail();
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }

  int digits(std::size_t count, int largest) {
    const int value = digits(count);
    return value > largest ? fail() : value;
  }

  bool accept(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void expect(char c) {
    if (!accept(c)) fail();
  }

  // The milliseconds of a fraction; one digit at least.
  int fraction_ms() {
    if (!next_is_digit()) return fail();
    int value = 0;
    for (int unit = 100; next_is_digit(); unit /= 10) {
      value += (rest_.front() - '0') * unit;
      rest_.remove_prefix(1);
    }
    return value;
  }

  bool next_is_digit() const { return !rest_.empty() && is_digit(rest_.front()); }
  bool at_end() const { return rest_.empty(); }
  bool failed() const { return failed_; }

 private:
  int fail() {
    failed_ = true;
    return 0;
  }

  std::string_view rest_;
  bool failed_ = false;
};

std::int64_t read_date_ms(Reader& reader, bool& exists) {
  using namespace std::chrono;  // NOLINT: year, month and day literals of one function
  const int year_number = reader.digits(4);
  reader.expect('-');
  const int month_number = reader.digits(2);
  reader.expect('-');
  const int day_number = reader.digits(2);
  const year_month_day date(year(year_number), month(static_cast<unsigned>(month_number)),
                            day(static_cast<unsigned>(day_number)));
  exists = date.ok();
  return exists ? sys_days(date).time_since_epoch().count() * kDayMs : 0;
}

std::int64_t read_clock_ms(Reader& reader) {
  std::int64_t time_ms = reader.digits(2, 23) * kHourMs;
  reader.expect(':');
  time_ms += reader.digits(2, 59) * kMinuteMs;
  if (reader.accept(':')) {
    time_ms += reader.digits(2, 60) * kSecondMs;
    if (reader.accept('.') || reader.accept(',')) time_ms += reader.fraction_ms();
  }
  return time_ms;
}

std::int64_t read_offset_ms(Reader& reader) {
  if (reader.accept('Z') || reader.accept('z')) return 0;
  const bool negative = reader.accept('-');
  if (!negative && !reader.accept('+')) return 0;
  std::int64_t offset_ms = reader.digits(2, 23) * kHourMs;
  if (reader.accept(':') || reader.next_is_digit()) offset_ms += reader.digits(2, 59) * kMinuteMs;
  return negative ? -offset_ms : offset_ms;
}

}  // namespace

std::optional<std::int64_t> parse_iso8601(std::string_view text) {
  Reader reader(text);
  bool exists = false;
  std::int64_t time_ms = read_date_ms(reader, exists);
  if (reader.failed() || !exists) return std::nullopt;
  if (reader.accept('T') || reader.accept('t') || reader.accept(' ')) {
    time_ms += read_clock_ms(reader);
    time_ms -= read_offset_ms(reader);
  }
  if (reader.failed() || !reader.at_end()) return std::nullopt;
  return time_ms;
}

std::string format_iso8601(std::int64_t time_ms) {
  using namespace std::chrono;  // NOLINT: calendar types of one function
  constexpr std::int64_t kYear0Ms = -62'167'219'200'000;
  constexpr std::int64_t kYear10000Ms = 253'402'300'800'000;
  if (time_ms < kYear0Ms || time_ms >= kYear10000Ms) return fmt::format("{}", time_ms);
  const auto day_start = floor<days>(sys_time<milliseconds>(milliseconds(time_ms)));
  const year_month_day date(day_start);
  const std::int64_t of_day_ms = time_ms - day_start.time_since_epoch().count() * kDayMs;
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), of_day_ms / kHourMs,
                     of_day_ms / kMinuteMs % 60, of_day_ms / kSecondMs % 60, of_day_ms % kSecondMs);
}

}  // namespace sightline
