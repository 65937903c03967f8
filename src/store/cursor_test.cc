#include "store/cursor.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace sightline::store {
namespace {

TEST(Cursor, ComesBackFromItsText) {
  for (const std::int64_t time : {std::int64_t{0}, std::int64_t{1600362902289},
                                  std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    Cursor cursor{
        .event_time_ms = time, .id = {1, 2, 255}, .newest_batch = 77, .given = 300, .asked_ms = 1'700'000'000'000};
    cursor.id[15] = 9;
    const std::string text = to_text(cursor);
    EXPECT_EQ(text.size(), 98U);
    const Result<Cursor> parsed = parse_cursor(text);
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->event_time_ms, time);
    EXPECT_EQ(parsed->id, cursor.id);
    EXPECT_EQ(parsed->newest_batch, 77U);
    EXPECT_EQ(parsed->given, 300U);
    EXPECT_EQ(parsed->asked_ms, 1'700'000'000'000);
  }
}

TEST(Cursor, RefusesAnythingElse) {
  const std::string good = to_text(Cursor{.event_time_ms = 5, .newest_batch = 6});
  EXPECT_FALSE(parse_cursor("").has_value());
  EXPECT_FALSE(parse_cursor(good.substr(1)).has_value());
  EXPECT_FALSE(parse_cursor(good + good).has_value());
  EXPECT_FALSE(parse_cursor(to_text(Cursor{.given = UINT64_MAX})).has_value());
  EXPECT_FALSE(parse_cursor(to_text(Cursor{.asked_ms = -1})).has_value());
  std::string broken = good;
  broken[10] = 'z';
  ASSERT_FALSE(parse_cursor(broken).has_value());
  EXPECT_EQ(parse_cursor(broken).error().code, ErrorCode::invalid_input);
}

}  // namespace
}  // namespace sightline::store
