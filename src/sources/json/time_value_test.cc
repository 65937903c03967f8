#include "sources/json/time_value.h"

#include <gtest/gtest.h>

namespace sightline::sources {
namespace {

TEST(TimeValue, ReadsNumbersAndText) {
  EXPECT_EQ(parse_time_value("1600362902289"), 1600362902289);
  EXPECT_EQ(parse_time_value("1600362961"), 1600362961000);
  EXPECT_EQ(parse_time_value("1600362961.5"), 1600362961500);
  EXPECT_EQ(parse_time_value("1600362961.123456789"), 1600362961123);
  EXPECT_EQ(parse_time_value("2024-07-31T12:46:41Z"), 1722430001000);
}

TEST(TimeValue, RefusesAbsurdTimesAndOtherLengths) {
  for (const char* text : {"", "0", "12", "-1600362961", "160036290228", "16003629022890", "1600362902289000", "1e12",
                           "9999999999999", "1970-01-01T00:00:00Z", "1969-07-20T20:17:40Z", "2200-01-01T00:00:00Z",
                           "9999-12-31T23:59:59Z", "yesterday", "true", "1600362961.x"}) {
    EXPECT_EQ(parse_time_value(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace sightline::sources
