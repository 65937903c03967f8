#include "agent/kernel_audit/serial_gaps.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace sightline::agent {
namespace {

constexpr std::int64_t kLater = SerialGaps::kPatienceMs;

std::uint64_t missing_of(SerialGaps& gaps, std::int64_t now_ms) {
  const SerialGaps::Missing missing = gaps.take_missing(now_ms);
  return missing.before + missing.since;
}

TEST(SerialGaps, ConsecutiveNumbersMissNothing) {
  SerialGaps gaps;
  EXPECT_EQ(gaps.state(), std::nullopt);
  for (std::uint32_t serial = 100; serial < 200; ++serial) gaps.saw(serial, 0);
  for (std::uint32_t serial = 150; serial < 200; ++serial) gaps.saw(serial, 0);
  EXPECT_EQ(missing_of(gaps, kLater), 0U);
  EXPECT_EQ(gaps.state(), (SerialState{199, {}}));
}

TEST(SerialGaps, AGapCountsOnceItsTimeIsUp) {
  SerialGaps gaps;
  gaps.saw(10, 0);
  gaps.saw(15, 0);
  EXPECT_EQ(gaps.state(), (SerialState{15, {{11, 14}}}));
  EXPECT_EQ(missing_of(gaps, kLater - 1), 0U);
  gaps.saw(12, kLater - 1);
  EXPECT_EQ(gaps.state(), (SerialState{15, {{11, 11}, {13, 14}}}));
  EXPECT_EQ(missing_of(gaps, kLater), 3U);
  EXPECT_EQ(missing_of(gaps, 2 * kLater), 0U);
  EXPECT_EQ(gaps.state(), (SerialState{15, {}}));
  gaps.saw(11, 2 * kLater);  // too late: it was counted
  EXPECT_EQ(missing_of(gaps, 3 * kLater), 0U);
}

TEST(SerialGaps, AnEarlierRunIsTakenUp) {
  SerialGaps gaps({100, {{90, 92}, {95, 95}, {100, 100}}}, 0);
  gaps.saw(91, 0);
  gaps.saw(111, 0);
  gaps.saw(114, 0);
  const SerialGaps::Missing missing = gaps.take_missing(kLater);
  EXPECT_EQ(missing.before, 10U + 4U);
  EXPECT_EQ(missing.since, 2U);
}

TEST(SerialGaps, NumbersBeginAgain) {
  SerialGaps gaps;
  gaps.saw(0xFFFFFFFD, 0);
  gaps.saw(2, 0);
  gaps.saw(0xFFFFFFFF, 0);
  EXPECT_EQ(missing_of(gaps, kLater), 3U);  // …FE, 0, 1
  EXPECT_EQ(gaps.state(), (SerialState{2, {}}));
}

TEST(SerialGaps, AnEarlierRunIsTakenUpWhereNumbersBeganAgain) {
  SerialGaps before;
  before.saw(0xFFFFFFF0, 0);
  before.saw(3, 0);
  before.saw(0xFFFFFFF2, 0);
  const SerialState state = before.state().value();
  EXPECT_EQ(state, (SerialState{3, {{0xFFFFFFF1, 0xFFFFFFF1}, {0xFFFFFFF3, 2}}}));
  SerialGaps gaps(state, 0);
  gaps.saw(1, 0);
  gaps.saw(4, 0);
  EXPECT_EQ(missing_of(gaps, kLater), 1U + 13U + 2U - 0U);
}

TEST(SerialGaps, CountsEveryMissingNumberOnceHoweverTheyOvertake) {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    SerialGaps gaps;
    gaps.saw(0, 0);
    std::vector<std::uint32_t> serials;
    std::uint64_t missing = 0;
    for (std::uint32_t serial = 1; serial < 2000; ++serial) {
      if (serial < 1999 && random() % 5 == 0) {
        ++missing;
      } else {
        serials.push_back(serial);
      }
    }
    for (std::size_t i = 0; i + 20 < serials.size(); i += 20) {
      std::shuffle(serials.begin() + static_cast<std::ptrdiff_t>(i),
                   serials.begin() + static_cast<std::ptrdiff_t>(i + 20), random);
    }
    for (const std::uint32_t serial : serials) gaps.saw(serial, 0);
    EXPECT_EQ(missing_of(gaps, kLater), missing);
  }
}

TEST(SerialGaps, ManyGapsAreCountedEarly) {
  SerialGaps gaps;
  for (std::uint32_t i = 0; i <= 2 * SerialGaps::kMaxGaps; ++i) gaps.saw(2 * i, 0);
  EXPECT_EQ(missing_of(gaps, 0), SerialGaps::kMaxGaps);
  EXPECT_EQ(missing_of(gaps, kLater), SerialGaps::kMaxGaps);
}

}  // namespace
}  // namespace sightline::agent
