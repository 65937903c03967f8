// Parts of times against a calendar that is counted day by day.
#include "query/time_part.h"

#include <gtest/gtest.h>

#include <array>

namespace sightline::query {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

bool is_leap(std::int64_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

TEST(TimePart, FollowsTheCalendarDayByDay) {
  constexpr std::array kMonths{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  constexpr std::int64_t kFirstYear = 1600;
  std::int64_t day = -135'140;  // 1600-01-01, a Saturday, in week 52
  std::int64_t week = 52;
  int weekday = 5;  // from Monday
  for (std::int64_t year = kFirstYear; year < 2401; ++year) {
    for (int month = 1; month <= 12; ++month) {
      const int days = kMonths.at(static_cast<std::size_t>(month - 1)) + (month == 2 && is_leap(year) ? 1 : 0);
      for (int date = 1; date <= days; ++date, ++day, weekday = (weekday + 1) % 7) {
        // The week of a Monday is the first if its Thursday is among the first seven days of a year.
        if (weekday == 0) week = (month == 1 && date <= 4) || (month == 12 && date >= 29) ? 1 : week + 1;
        for (const std::int64_t time_ms : {day * kDayMs, day * kDayMs + kDayMs - 1}) {
          ASSERT_EQ(part_of_time(TimePart::year, time_ms), year) << time_ms;
          ASSERT_EQ(part_of_time(TimePart::month, time_ms), month) << time_ms;
          ASSERT_EQ(part_of_time(TimePart::day, time_ms), date) << time_ms;
          ASSERT_EQ(part_of_time(TimePart::week, time_ms), week) << time_ms;
        }
      }
    }
  }
}

TEST(TimePart, OfTheClock) {
  EXPECT_EQ(part_of_time(TimePart::hour, 0), 0);
  EXPECT_EQ(part_of_time(TimePart::hour, -1), 23);
  EXPECT_EQ(part_of_time(TimePart::minute, -1), 59);
  EXPECT_EQ(part_of_time(TimePart::hour, -kDayMs), 0);
  EXPECT_EQ(part_of_time(TimePart::hour, kDayMs - 1), 23);
  EXPECT_EQ(part_of_time(TimePart::minute, 3'599'999), 59);
  EXPECT_EQ(part_of_time(TimePart::minute, 3'600'000), 0);
  EXPECT_EQ(part_of_time(TimePart::minute, -3'600'000), 0);
  EXPECT_EQ(part_of_time(TimePart::minute, -3'600'001), 59);
}

TEST(TimePart, Names) {
  EXPECT_EQ(find_time_part("Week"), TimePart::week);
  EXPECT_EQ(find_time_part("weeks"), std::nullopt);
  EXPECT_EQ(nearest_time_part("weeks"), "week");
  EXPECT_EQ(nearest_time_part("lower"), "");
  for (const TimePart part :
       {TimePart::minute, TimePart::hour, TimePart::day, TimePart::week, TimePart::month, TimePart::year}) {
    EXPECT_EQ(find_time_part(to_string(part)), part);
  }
}

}  // namespace
}  // namespace sightline::query
