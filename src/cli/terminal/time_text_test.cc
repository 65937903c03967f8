#include "cli/terminal/time_text.h"

#include <gtest/gtest.h>

namespace sightline::cli {
namespace {

constexpr std::int64_t kArticleMs = 1600362902289;  // 2020-09-17T17:15:02.289Z

TEST(TimeZone, FormatsInItsZone) {
  const TimeZone utc = TimeZone::named("UTC").value();
  EXPECT_EQ(utc.format(kArticleMs), "2020-09-17 17:15:02.289");
  EXPECT_EQ(utc.format(-1), "1969-12-31 23:59:59.999");
  EXPECT_EQ(utc.format_with_offset(kArticleMs), "2020-09-17 17:15:02.289 +0000");
  EXPECT_EQ(utc.format(INT64_MAX), "9223372036854775807");
}

TEST(TimeZone, ParsesEveryForm) {
  const TimeZone utc = TimeZone::named("UTC").value();
  const std::int64_t now = 1700000000000;
  EXPECT_EQ(utc.parse("1600362902289", now), kArticleMs);
  EXPECT_EQ(utc.parse("1600362902", now), 1600362902000);
  EXPECT_EQ(utc.parse("now", now), now);
  EXPECT_EQ(utc.parse("now-15m", now), now - 15 * 60 * 1000);
  EXPECT_EQ(utc.parse("now+1h", now), now + 60 * 60 * 1000);
  EXPECT_EQ(utc.parse("2d", now), now - 2 * 86'400'000);
  EXPECT_EQ(utc.parse("-90s", now), now - 90'000);
}

TEST(TimeZone, RefusesWhatIsNoTime) {
  const TimeZone utc = TimeZone::named("UTC").value();
  for (const char* bad :
       {"", "now-", "now15m", "15", "15x", "+15m", "--15m", "12345678901", "99999999999999d", "m", "-"}) {
    EXPECT_FALSE(utc.parse(bad, 0)) << bad;
  }
}

TEST(TimeZone, RefusesUnknownNames) {
  EXPECT_FALSE(TimeZone::named("Atlantis/Capital"));
  EXPECT_FALSE(TimeZone::named("../../etc/passwd"));
  EXPECT_FALSE(TimeZone::named("/etc/passwd"));
}

TEST(TimeZone, ReadsIsoTimesInItsZoneUnlessTheySayOne) {
  const TimeZone utc = TimeZone::named("UTC").value();
  EXPECT_EQ(utc.parse("2020-09-17T17:15:02.289", 0), kArticleMs);
  const Result<TimeZone> berlin = TimeZone::named("Europe/Berlin");
  if (!berlin) GTEST_SKIP() << "no time-zone database";
  EXPECT_EQ(berlin->name(), "Europe/Berlin");
  EXPECT_EQ(berlin->format_with_offset(kArticleMs), "2020-09-17 19:15:02.289 +0200");
  EXPECT_EQ(berlin->parse("2020-09-17 19:15:02.289", 0), kArticleMs);
  EXPECT_EQ(berlin->parse("2020-09-17T17:15:02.289Z", 0), kArticleMs);
  EXPECT_EQ(berlin->parse("2020-09-17T18:15:02.289+01:00", 0), kArticleMs);
  EXPECT_TRUE(TimeZone::named("UTC"));
}

TEST(FormatDuration, AtMostTwoUnits) {
  EXPECT_EQ(format_duration(12), "12ms");
  EXPECT_EQ(format_duration(90'000), "1m 30s");
  EXPECT_EQ(format_duration(3'600'000), "1h");
  EXPECT_EQ(format_duration(90'061'000), "1d 1h");
}

}  // namespace
}  // namespace sightline::cli
