#include "sources/syslog/time_stamp.h"

#include <gtest/gtest.h>

#include "event/time.h"

namespace sightline::syslog {
namespace {

// "TIME REST", with what was assumed.
std::string read(std::string_view text, std::string_view reference) {
  const auto stamp = take_bsd_time(text, reference.empty() ? 0 : parse_iso8601(reference).value());
  if (!stamp) return "none";
  return (stamp->time_ms ? format_iso8601(*stamp->time_ms) : "unknown") + std::string(text) +
         (stamp->year_assumed ? " year?" : "");
}

TEST(BsdTime, TheYearIsThatOfTheReference) {
  EXPECT_EQ(read("Jan  2 03:04:05 x", "2026-03-01"), "2026-01-02T03:04:05.000Z x year?");
  EXPECT_EQ(read("Jan 2 03:04:05", "2026-03-01"), "2026-01-02T03:04:05.000Z year?");
  EXPECT_EQ(read("Mar  1 00:00:00.25", "2026-03-01"), "2026-03-01T00:00:00.250Z year?");
}

TEST(BsdTime, MoreThanADayAheadIsLastYear) {
  EXPECT_EQ(read("Dec 31 23:59:59", "2026-01-01"), "2025-12-31T23:59:59.000Z year?");
  EXPECT_EQ(read("Jan  2 00:00:00", "2026-01-01T00:00:00Z"), "2026-01-02T00:00:00.000Z year?");
  EXPECT_EQ(read("Jan  2 00:00:01", "2026-01-01T00:00:00Z"), "2025-01-02T00:00:01.000Z year?");
  // A clock ahead of ours at the turn of the year.
  EXPECT_EQ(read("Jan  1 00:10:00", "2025-12-31T23:50:00Z"), "2026-01-01T00:10:00.000Z year?");
}

TEST(BsdTime, LeapDays) {
  EXPECT_EQ(read("Feb 29 12:00:00", "2026-03-01"), "2024-02-29T12:00:00.000Z year?");
  EXPECT_EQ(read("Feb 29 12:00:00", "2024-02-28T12:00:00Z"), "2024-02-29T12:00:00.000Z year?");
  EXPECT_EQ(read("Feb 29 12:00:00", "2024-02-28T11:59:59Z"), "2020-02-29T12:00:00.000Z year?");
  EXPECT_EQ(read("Feb 29 12:00:00", "2103-01-01"), "2096-02-29T12:00:00.000Z year?");
}

TEST(BsdTime, WithAYear) {
  EXPECT_EQ(read("Jan  2 2019 03:04:05 x", "2026-03-01"), "2019-01-02T03:04:05.000Z x");
  EXPECT_EQ(read("Feb 29 2019 03:04:05", "2026-03-01"), "none");
}

TEST(BsdTime, WithoutAReferenceTheYearIsUnknown) { EXPECT_EQ(read("Jan  2 03:04:05 x", ""), "unknown x year?"); }

TEST(BsdTime, NoTime) {
  for (const std::string_view text : {"", "Jan", "Jan ", "Jan  2", "Jan  2 ", "Jan 32 03:04:05", "Jan  0 03:04:05",
                                      "Feb 30 03:04:05", "jan  2 03:04:05", "Jan  2 24:00:00", "Jan  2 03:60:00",
                                      "Jan  2 03:04", "Jan  2 3:04:05", "Jan  2 19 03:04:05", "Jan  2 0000 03:04:05"}) {
    EXPECT_EQ(read(text, "2026-03-01"), "none") << text;
  }
}

std::string read_iso(std::string_view text) {
  const auto stamp = take_iso_time(text);
  if (!stamp) return "none";
  return format_iso8601(stamp->time_ms.value()) + std::string(text) + (stamp->zone_assumed ? " zone?" : "");
}

TEST(IsoTime, WithAndWithoutZone) {
  EXPECT_EQ(read_iso("2026-01-02T03:04:05.123456+01:00 web x"), "2026-01-02T02:04:05.123Z web x");
  EXPECT_EQ(read_iso("2026-01-02T03:04:05Z"), "2026-01-02T03:04:05.000Z");
  EXPECT_EQ(read_iso("2026-01-02T03:04:05-0530 x"), "2026-01-02T08:34:05.000Z x");
  EXPECT_EQ(read_iso("2026-01-02T03:04:05 x"), "2026-01-02T03:04:05.000Z x zone?");
  for (const std::string_view text :
       {"", "2026-01-02", "2026-01-02 03:04:05", "1970-01-01T00:00:00Z", "2200-01-01T00:00:00Z"}) {
    EXPECT_EQ(read_iso(text), "none") << text;
  }
}

}  // namespace
}  // namespace sightline::syslog
