#include "cli/terminal/time_text.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <optional>
#include <system_error>

#include "event/time.h"

namespace sightline::cli {
namespace {

constexpr std::int64_t kSecondMs = 1000;
constexpr std::int64_t kMinuteMs = 60 * kSecondMs;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;
constexpr std::int64_t kDayMs = 24 * kHourMs;
constexpr std::int64_t kMaxAgoMs = 366 * 200 * kDayMs;

bool zone_exists(const std::string& name) {
  if (name.empty() || name.starts_with('/') || name.find("..") != std::string::npos) return false;
  std::error_code error;
  return std::filesystem::is_regular_file(std::filesystem::path("/usr/share/zoneinfo") / name, error);
}

std::optional<std::tm> broken_down(std::int64_t time_ms) {
  const std::int64_t floor_s = (time_ms >= 0 ? time_ms : time_ms - (kSecondMs - 1)) / kSecondMs;
  const std::time_t seconds = floor_s;
  std::tm parts{};
  if (localtime_r(&seconds, &parts) == nullptr) return std::nullopt;
  return parts;
}

std::optional<std::int64_t> unit_ms(char unit) {
  switch (unit) {
    case 's':
      return kSecondMs;
    case 'm':
      return kMinuteMs;
    case 'h':
      return kHourMs;
    case 'd':
      return kDayMs;
    case 'w':
      return 7 * kDayMs;
    default:
      return std::nullopt;
  }
}

std::optional<std::int64_t> parse_digits(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "15m" in ms.
std::optional<std::int64_t> parse_duration(std::string_view text) {
  if (text.size() < 2 || text.front() == '-') return std::nullopt;
  const std::optional<std::int64_t> unit = unit_ms(text.back());
  const std::optional<std::int64_t> count = parse_digits(text.substr(0, text.size() - 1));
  if (!unit || !count || *count > kMaxAgoMs / *unit) return std::nullopt;
  return *count * *unit;
}

std::optional<std::int64_t> parse_relative(std::string_view text, std::int64_t now_ms) {
  if (text == "now") return now_ms;
  const bool from_now = text.starts_with("now");
  if (from_now) text.remove_prefix(3);
  if (from_now && text.front() != '-' && text.front() != '+') return std::nullopt;
  const bool later = text.front() == '+';
  if (later && !from_now) return std::nullopt;
  if (from_now || text.front() == '-') text.remove_prefix(1);
  const std::optional<std::int64_t> duration = parse_duration(text);
  if (!duration) return std::nullopt;
  return later ? now_ms + *duration : now_ms - *duration;
}

bool names_its_zone(std::string_view iso) {
  const std::size_t time_at = iso.find_first_of("T ");
  if (iso.ends_with('Z') || iso.ends_with('z')) return true;
  return time_at != std::string_view::npos && iso.find_first_of("+-", time_at) != std::string_view::npos;
}

// A wall-clock time that was read as UTC, read in the process's zone instead.
std::int64_t in_local_zone(std::int64_t as_utc_ms) {
  const std::int64_t floor_s = (as_utc_ms >= 0 ? as_utc_ms : as_utc_ms - (kSecondMs - 1)) / kSecondMs;
  const std::time_t seconds = floor_s;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  parts.tm_isdst = -1;
  return std::int64_t{std::mktime(&parts)} * kSecondMs + (as_utc_ms - floor_s * kSecondMs);
}

}  // namespace

TimeZone TimeZone::local() {
  tzset();
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  localtime_r(&now, &parts);
  return TimeZone(parts.tm_zone != nullptr ? parts.tm_zone : "local");
}

Result<TimeZone> TimeZone::named(const std::string& name) {
  if (name.empty() || name == "local") return local();
  // UTC must work where no time-zone database is installed.
  if (name != "UTC" && !zone_exists(name)) {
    return fail(ErrorCode::invalid_input,
                fmt::format("there is no time zone \"{}\"; use UTC, local, or a name such as Europe/Berlin", name));
  }
  setenv("TZ", name == "UTC" ? "UTC0" : name.c_str(), 1);
  tzset();
  return TimeZone(name);
}

std::string TimeZone::format(std::int64_t time_ms) const {
  const std::optional<std::tm> parts = broken_down(time_ms);
  if (!parts || parts->tm_year + 1900 > 9999 || parts->tm_year + 1900 < 0) return fmt::format("{}", time_ms);
  const std::int64_t millis = ((time_ms % kSecondMs) + kSecondMs) % kSecondMs;
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:03}", parts->tm_year + 1900, parts->tm_mon + 1,
                     parts->tm_mday, parts->tm_hour, parts->tm_min, parts->tm_sec, millis);
}

std::string TimeZone::format_with_offset(std::int64_t time_ms) const {
  const std::optional<std::tm> parts = broken_down(time_ms);
  if (!parts) return format(time_ms);
  const long minutes = parts->tm_gmtoff / 60;
  const long absolute = minutes < 0 ? -minutes : minutes;
  return fmt::format("{} {}{:02}{:02}", format(time_ms), minutes < 0 ? '-' : '+', absolute / 60, absolute % 60);
}

Result<std::int64_t> TimeZone::parse(std::string_view text, std::int64_t now_ms) const {
  if (const std::optional<std::int64_t> number = parse_digits(text); number && *number >= 0) {
    if (text.size() == 13) return *number;
    if (text.size() == 10) return *number * kSecondMs;
  }
  if (!text.empty()) {
    if (const std::optional<std::int64_t> relative = parse_relative(text, now_ms)) return *relative;
  }
  if (const std::optional<std::int64_t> time_ms = parse_iso8601(text)) {
    return names_its_zone(text) ? *time_ms : in_local_zone(*time_ms);
  }
  return fail(
      ErrorCode::invalid_input,
      fmt::format("\"{}\" is no time; write 2020-09-17T18:15, now-15m, 2h (ago), or milliseconds since 1970", text));
}

std::string format_duration(std::int64_t duration_ms) {
  struct Unit {
    std::int64_t ms;
    char letter;
  };
  constexpr Unit kUnits[] = {{kDayMs, 'd'}, {kHourMs, 'h'}, {kMinuteMs, 'm'}, {kSecondMs, 's'}};
  for (std::size_t i = 0; i < std::size(kUnits); ++i) {
    if (duration_ms < kUnits[i].ms) continue;
    std::string text = fmt::format("{}{}", duration_ms / kUnits[i].ms, kUnits[i].letter);
    const std::int64_t rest = duration_ms % kUnits[i].ms;
    if (i + 1 < std::size(kUnits) && rest >= kUnits[i + 1].ms) {
      text += fmt::format(" {}{}", rest / kUnits[i + 1].ms, kUnits[i + 1].letter);
    }
    return text;
  }
  return fmt::format("{}ms", duration_ms);
}

}  // namespace sightline::cli
