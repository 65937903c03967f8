#include "store/clickhouse/embedded/recent_events.h"

#include <gtest/gtest.h>

namespace sightline::store::clickhouse {
namespace {

TEST(RecentEvents, AreUnknownUntilAPageWasSeen) { EXPECT_EQ(RecentEvents().since(1), INT64_MIN); }

TEST(RecentEvents, ThePageNextInSizeSays) {
  RecentEvents recent;
  recent.saw(101, 500);
  recent.saw(11, 900);
  EXPECT_EQ(recent.since(5), 900);
  EXPECT_EQ(recent.since(11), 900);
  EXPECT_EQ(recent.since(12), 500);
  EXPECT_EQ(recent.since(101), 500);
  EXPECT_EQ(recent.since(102), INT64_MIN);
}

TEST(RecentEvents, ALaterPageOfASizeReplacesTheOneBefore) {
  RecentEvents recent;
  recent.saw(101, 500);
  recent.saw(101, 400);
  EXPECT_EQ(recent.since(50), 400);
}

}  // namespace
}  // namespace sightline::store::clickhouse
