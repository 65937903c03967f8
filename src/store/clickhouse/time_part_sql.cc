#include "store/clickhouse/time_part_sql.h"

#include <fmt/format.h>

namespace sightline::store::clickhouse {
namespace {

// The engine's dates are those of 1900 to 2299, which is just the 400 years after which the calendar repeats.
constexpr int kDaysFrom1900 = 25'567;
constexpr int kCycleDays = 146'097;
constexpr int kCycleYears = 400;

// Days from 1900 on, rounded down.
std::string day_number(std::string_view time) {
  return fmt::format("(intDiv({0}, 86400000) - ({0} % 86400000 < 0) + {1})", time, kDaysFrom1900);
}

}  // namespace

std::string time_part(query::TimePart part, std::string_view time) {
  const std::string day = day_number(time);
  const std::string in_cycle = fmt::format("positiveModulo({}, {})", day, kCycleDays);
  const std::string date = fmt::format("addDays(toDate32('1900-01-01'), {})", in_cycle);
  switch (part) {
    case query::TimePart::minute:
      return fmt::format("intDiv(positiveModulo({}, 3600000), 60000)", time);
    case query::TimePart::hour:
      return fmt::format("intDiv(positiveModulo({}, 86400000), 3600000)", time);
    case query::TimePart::day:
      return fmt::format("toDayOfMonth({})", date);
    case query::TimePart::week:
      return fmt::format("toISOWeek({})", date);
    case query::TimePart::month:
      return fmt::format("toMonth({})", date);
    case query::TimePart::year:
      break;
  }
  return fmt::format("(toYear({}) + intDiv({} - {}, {}) * {})", date, day, in_cycle, kCycleDays, kCycleYears);
}

}  // namespace sightline::store::clickhouse
