#include "event/time.h"

#include <gtest/gtest.h>

#include <random>

namespace sightline {
namespace {

TEST(Iso8601, ReadsTheFormsOfOurSources) {
  EXPECT_EQ(parse_iso8601("2024-07-31T12:46:41Z"), 1722430001000);
  EXPECT_EQ(parse_iso8601("2024-07-31t12:46:41z"), 1722430001000);
  EXPECT_EQ(parse_iso8601("2024-07-31 12:46:41"), 1722430001000);
  EXPECT_EQ(parse_iso8601("2025-01-21 17:39:10.000000000"), 1737481150000);
  EXPECT_EQ(parse_iso8601("2024-07-31T12:46:41.5Z"), 1722430001500);
  EXPECT_EQ(parse_iso8601("2024-07-31T12:46:41.123999999999999999999Z"), 1722430001123);
  EXPECT_EQ(parse_iso8601("2024-07-31T14:46:41+02:00"), 1722430001000);
  EXPECT_EQ(parse_iso8601("2024-07-31T14:46:41+0200"), 1722430001000);
  EXPECT_EQ(parse_iso8601("2024-07-31T05:16:41-07:30"), 1722430001000);
  EXPECT_EQ(parse_iso8601("2024-07-31T10:46-02"), 1722429960000);
  EXPECT_EQ(parse_iso8601("2024-07-31"), 1722384000000);
  EXPECT_EQ(parse_iso8601("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(parse_iso8601("1969-12-31T23:59:59.999Z"), -1);
  EXPECT_EQ(parse_iso8601("2016-12-31T23:59:60Z"), parse_iso8601("2017-01-01T00:00:00Z"));
}

TEST(Iso8601, RefusesEverythingElse) {
  for (const char* text : {"",
                           "2024",
                           "2024-07",
                           "2024-7-31",
                           "2024-02-30",
                           "2023-02-29",
                           "2024-13-01",
                           "2024-00-10",
                           "2024-07-31T",
                           "2024-07-31T24:00:00Z",
                           "2024-07-31T12",
                           "2024-07-31T12:60",
                           "2024-07-31T12:46:61Z",
                           "2024-07-31T12:46:41.Z",
                           "2024-07-31T12:46:41Zx",
                           "2024-07-31T12:46:41 Z",
                           "2024-07-31T12:46:41+",
                           "2024-07-31T12:46:41+2",
                           "2024-07-31T12:46:41+02:",
                           "2024-07-31T12:46:41+02:60",
                           " 2024-07-31",
                           "1722430001000",
                           "now-15m",
                           "-024-07-31",
                           "2024-07-31T-1:00:00"}) {
    EXPECT_EQ(parse_iso8601(text), std::nullopt) << text;
  }
}

TEST(Iso8601, Formats) {
  EXPECT_EQ(format_iso8601(1722430001000), "2024-07-31T12:46:41.000Z");
  EXPECT_EQ(format_iso8601(-1), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(format_iso8601(253'402'300'799'999), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(format_iso8601(253'402'300'800'000), "253402300800000");
  EXPECT_EQ(format_iso8601(-62'167'219'200'000), "0000-01-01T00:00:00.000Z");
  EXPECT_EQ(format_iso8601(INT64_MIN), "-9223372036854775808");
}

TEST(Iso8601, RoundTrips) {
  std::mt19937_64 random(3);
  std::uniform_int_distribution<std::int64_t> times(-62'167'219'200'000, 253'402'300'799'999);
  for (int i = 0; i < 20'000; ++i) {
    const std::int64_t time_ms = times(random);
    ASSERT_EQ(parse_iso8601(format_iso8601(time_ms)), time_ms);
  }
}

}  // namespace
}  // namespace sightline
