#include "detect/event_sampler.h"

#include <gtest/gtest.h>

namespace sightline::detect {
namespace {

TEST(EventSampler, TimesOneEventInSixtyFourAndLetsItStandForTheOthers) {
  constexpr std::uint64_t kEvents = 64'000;
  std::uint64_t timed = 0;
  for (std::uint64_t batch = 0; batch < kEvents / 10; ++batch) {  // small batches are sampled like large ones
    EventSampler sampler(batch * 10);
    for (int i = 0; i < 10; ++i) {
      const std::uint64_t stands_for = sampler.next(1);
      if (stands_for == 0) continue;
      EXPECT_EQ(stands_for, EventSampler::kEvery);
      ++timed;
    }
  }
  EXPECT_GT(timed, kEvents / EventSampler::kEvery * 9 / 10);
  EXPECT_LT(timed, kEvents / EventSampler::kEvery * 11 / 10);
}

TEST(EventSampler, FollowsNoPeriodOfTheEvents) {
  std::uint64_t timed = 0;
  for (std::uint64_t i = 0; i < 64'000; ++i) {
    EventSampler sampler(i * EventSampler::kEvery);  // every 64th event only
    timed += sampler.next(1) == 0 ? 0 : 1;
  }
  EXPECT_GT(timed, 900U);
  EXPECT_LT(timed, 1'100U);
}

TEST(EventSampler, TimesEveryEventWhileTheyTakeLong) {
  EventSampler sampler(0);
  std::uint64_t now_ns = 1;
  for (std::uint64_t i = 0; i < EventSampler::kStretch; ++i) sampler.next(now_ns);
  now_ns += EventSampler::kSlowStretch_ns + 1;
  ASSERT_TRUE(sampler.wants_time());
  for (std::uint64_t i = 0; i < EventSampler::kStretch; ++i) EXPECT_EQ(sampler.next(now_ns), 1U);
  std::uint64_t timed = 0;
  for (std::uint64_t i = 0; i < EventSampler::kStretch; ++i) timed += sampler.next(now_ns) == 1 ? 1 : 0;
  EXPECT_EQ(timed, 0U) << "the stretch before was quick";
}

}  // namespace
}  // namespace sightline::detect
