#include "query/time_part.h"

#include <array>
#include <chrono>

#include "query/fold.h"
#include "query/name_distance.h"

namespace sightline::query {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;
constexpr std::int64_t kDayMs = 24 * kHourMs;

struct PartInfo {
  TimePart part;
  std::string_view name;
  std::optional<PartRange> range;
};
constexpr std::array kParts{
    PartInfo{TimePart::minute, "minute", PartRange{0, 59}}, PartInfo{TimePart::hour, "hour", PartRange{0, 23}},
    PartInfo{TimePart::day, "day", PartRange{1, 31}},       PartInfo{TimePart::week, "week", PartRange{1, 53}},
    PartInfo{TimePart::month, "month", PartRange{1, 12}},   PartInfo{TimePart::year, "year", std::nullopt},
};

constexpr std::int64_t floor_divide(std::int64_t value, std::int64_t divisor) {
  return value / divisor - (value % divisor < 0 ? 1 : 0);
}
constexpr std::int64_t floor_modulo(std::int64_t value, std::int64_t divisor) {
  const std::int64_t rest = value % divisor;
  return rest < 0 ? rest + divisor : rest;
}

// The calendar repeats after 400 years to the day of the week; chrono's years are of 16 bits.
constexpr std::int64_t kCycleDays = 146'097;
constexpr std::int64_t kCycleYears = 400;

std::int64_t part_of_day(TimePart part, std::int64_t day) {
  const std::chrono::sys_days in_cycle{std::chrono::days(floor_modulo(day, kCycleDays))};
  const std::chrono::year_month_day date(in_cycle);
  switch (part) {
    case TimePart::day:
      return static_cast<unsigned>(date.day());
    case TimePart::month:
      return static_cast<unsigned>(date.month());
    case TimePart::week: {
      const std::chrono::days after_monday = std::chrono::weekday(in_cycle) - std::chrono::Monday;
      const std::chrono::sys_days thursday = in_cycle - after_monday + std::chrono::days(3);
      const std::chrono::year year = std::chrono::year_month_day(thursday).year();
      return (thursday - std::chrono::sys_days(year / std::chrono::January / 1)).count() / 7 + 1;
    }
    default:
      return int{date.year()} + kCycleYears * floor_divide(day, kCycleDays);
  }
}

}  // namespace

std::int64_t part_of_time(TimePart part, std::int64_t time_ms) {
  if (part == TimePart::minute) return floor_modulo(time_ms, kHourMs) / kMinuteMs;
  if (part == TimePart::hour) return floor_modulo(time_ms, kDayMs) / kHourMs;
  return part_of_day(part, floor_divide(time_ms, kDayMs));
}

std::optional<PartRange> range_of(TimePart part) { return kParts[static_cast<std::size_t>(part)].range; }

std::string_view to_string(TimePart part) { return kParts[static_cast<std::size_t>(part)].name; }

std::optional<TimePart> find_time_part(std::string_view word) {
  for (const PartInfo& info : kParts) {
    if (equal_folded(word, info.name)) return info.part;
  }
  return std::nullopt;
}

std::string_view nearest_time_part(std::string_view word) {
  std::string_view nearest;
  std::optional<std::size_t> least;
  for (const PartInfo& info : kParts) {
    const std::optional<std::size_t> distance = name_distance(word, info.name);
    if (!distance || (least && *distance >= *least)) continue;
    least = distance;
    nearest = info.name;
  }
  return nearest;
}

}  // namespace sightline::query
