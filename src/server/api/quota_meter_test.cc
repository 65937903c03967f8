#include "server/api/quota_meter.h"

#include <gtest/gtest.h>

namespace sightline::api {
namespace {

constexpr std::int64_t kNoon_ms = 1'700'049'600'000;
constexpr std::int64_t kMidnight_ms = 1'700'092'800'000;

class Quotas : public ::testing::Test {
 protected:
  // The quota that refuses; "" where none does.
  std::string ask(const control::Quota& quota, std::int64_t now_ms, bool ingest = true) {
    const auto refusal = meter.admit("token:1", quota, ingest, now_ms);
    retry_after_s = refusal ? refusal->retry_after_s : 0;
    return refusal ? std::string(refusal->quota) : "";
  }

  Result<std::uint64_t> stored = 0;
  std::int64_t retry_after_s = 0;
  QuotaMeter meter{[this](const std::string&, std::int64_t) { return stored; }};
};

TEST_F(Quotas, WithoutOneEverythingIsAdmitted) {
  for (int i = 0; i < 1'000; ++i) EXPECT_EQ(ask({}, kNoon_ms), "");
}

TEST_F(Quotas, RequestsComeInBurstsAndThenAtTheirRate) {
  const control::Quota quota{.requests_per_s = 2};
  for (int i = 0; i < 10; ++i) EXPECT_EQ(ask(quota, kNoon_ms), "");
  EXPECT_EQ(ask(quota, kNoon_ms), "requests_per_s");
  EXPECT_EQ(retry_after_s, 1);
  EXPECT_EQ(ask(quota, kNoon_ms + 500), "");
  EXPECT_EQ(ask(quota, kNoon_ms + 500), "requests_per_s");
  EXPECT_EQ(ask(quota, kNoon_ms + 3'600'000), "");
}

TEST_F(Quotas, RequestsAreNotCountedWhileTheyHaveNoBound) {
  const control::Quota bounded{.requests_per_s = 2};
  EXPECT_EQ(ask(bounded, kNoon_ms), "");
  for (int i = 0; i < 1'000; ++i) EXPECT_EQ(ask({.bytes_per_s = 100}, kNoon_ms), "");
  EXPECT_EQ(ask(bounded, kNoon_ms), "");
}

TEST_F(Quotas, ALargeBodyIsTakenAndPaidForLater) {
  const control::Quota quota{.bytes_per_s = 100};
  EXPECT_EQ(ask(quota, kNoon_ms), "");
  meter.add("token:1", quota, 2'500, 1, kNoon_ms);  // 20 s more than the burst
  EXPECT_EQ(ask(quota, kNoon_ms), "bytes_per_s");
  EXPECT_EQ(retry_after_s, 21);
  EXPECT_EQ(ask(quota, kNoon_ms, false), "");  // a search has no bytes
  EXPECT_EQ(ask(quota, kNoon_ms + 20'000), "bytes_per_s");
  EXPECT_EQ(ask(quota, kNoon_ms + 20'100), "");
}

TEST_F(Quotas, ARestOfHoursCountsWhole) {
  const control::Quota quota{.bytes_per_s = 1};
  EXPECT_EQ(ask(quota, kNoon_ms), "");
  meter.add("token:1", quota, 10'005, 1, kNoon_ms);  // 10,000 s more than the burst
  EXPECT_EQ(ask(quota, kNoon_ms + 10'000'000), "bytes_per_s");
  meter.add("token:1", quota, 10'000, 1, kNoon_ms + 10'000'000);
  EXPECT_EQ(ask(quota, kNoon_ms + 20'001'000), "");
}

TEST_F(Quotas, EventsCountFromMidnight) {
  const control::Quota quota{.events_per_day = 1'000};
  stored = 900;  // before this server started
  EXPECT_EQ(ask(quota, kNoon_ms), "");
  meter.add("token:1", quota, 0, 100, kNoon_ms);
  EXPECT_EQ(ask(quota, kNoon_ms), "events_per_day");
  EXPECT_EQ(retry_after_s, (kMidnight_ms - kNoon_ms) / 1'000 + 1);
  stored = 0;
  EXPECT_EQ(ask(quota, kMidnight_ms), "");
}

TEST_F(Quotas, EventsOfAnAgentsOtherTokensCount) {
  const control::Quota quota{.events_per_day = 1'000};
  EXPECT_EQ(ask(quota, kNoon_ms), "");
  meter.add("token:1", {}, 0, 500, kNoon_ms);
  meter.add("token:1", {.bytes_per_s = 100}, 0, 500, kNoon_ms);
  EXPECT_EQ(ask(quota, kNoon_ms), "events_per_day");
}

TEST_F(Quotas, ADayThatCannotBeReadIsReadAgain) {
  const control::Quota quota{.events_per_day = 1'000};
  stored = fail(ErrorCode::unavailable, "no");
  EXPECT_EQ(ask(quota, kNoon_ms), "");
  meter.add("token:1", quota, 0, 100, kNoon_ms);
  stored = 1'000;
  EXPECT_EQ(ask(quota, kNoon_ms), "events_per_day");
}

TEST_F(Quotas, EachPrincipalHasItsOwn) {
  const control::Quota quota{.requests_per_s = 1};
  for (int i = 0; i < 5; ++i) EXPECT_EQ(ask(quota, kNoon_ms), "");
  EXPECT_EQ(ask(quota, kNoon_ms), "requests_per_s");
  EXPECT_FALSE(meter.admit("token:2", quota, true, kNoon_ms));
}

}  // namespace
}  // namespace sightline::api
