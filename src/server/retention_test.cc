#include "server/retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/pipeline_fixture.h"
#include "server/verify.h"

namespace sightline::server {
namespace {

using std::chrono::hours;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::int64_t kDay = 86'400'000;

class RetentionTest : public PipelineFixture {
 protected:
  Retention retention(RetentionLimits limits, std::chrono::steady_clock::duration grace = {}) {
    return {
        {store_, *control_, clock_, std::move(*CommitGate::open(directory_.path())), nullptr}, limits, grace, [this] {
          return steady_;
        }};
  }
  void set_day(std::int64_t day) { clock_.set(kStart + day * kDay); }
  std::vector<std::uint64_t> stored_batches() {
    std::vector<std::uint64_t> numbers;
    for (const auto& [number, batch] : store_.batches()) numbers.push_back(number);
    return numbers;
  }
  VerifyReport report() { return *verify(store_, *control_, {}); }
  // "BATCH kind" a finding.
  std::vector<std::string> findings() {
    std::vector<std::string> lines;
    for (const Finding& finding : report().findings) {
      lines.push_back(fmt::format("{} {}", finding.batch, to_string(finding.kind)));
    }
    return lines;
  }
  std::size_t removals() { return control_->audit_log().list(std::nullopt, 1'000)->size(); }

  std::chrono::steady_clock::time_point steady_;
};

TEST_F(RetentionTest, OldDaysGoAndTheAuditLogSaysSo) {
  ASSERT_TRUE(ingest(1, "evil\nb\nbad"));
  set_day(40);
  ASSERT_TRUE(ingest(2, "c\nbad"));
  EXPECT_TRUE(*retention({.days = 30}).run_once());
  EXPECT_THAT(stored_batches(), ElementsAre(2));
  const auto log = control_->audit_log().list(std::nullopt, 10);
  ASSERT_EQ(log->size(), 1U);
  EXPECT_EQ(log->front().action, "retention.remove");
  EXPECT_THAT(log->front().detail, HasSubstr("batches=1 events=2 quarantined=1; older than 30 days"));
  EXPECT_EQ(control_->retention().removed()->events, 2U);
  EXPECT_EQ(control_->quarantine().list({}, 10)->size(), 1U);
  EXPECT_EQ(control_->quarantine().counts()->front().dropped, 1U);
  EXPECT_FALSE(*retention({.days = 30}).run_once());  // nothing more to do, nothing more to say
  EXPECT_EQ(removals(), 1U);
}

TEST_F(RetentionTest, WhatIsKeptOfARemovedBatchIsItsManifestAndItsAlerts) {
  ASSERT_TRUE(ingest(1, "evil\nb"));
  set_day(40);
  EXPECT_TRUE(*retention({.days = 30}).run_once());
  const VerifyReport after = report();
  EXPECT_TRUE(after.intact());
  EXPECT_EQ(after.batches, 1U);
  EXPECT_EQ(after.events, 0U);
  EXPECT_EQ(after.removed_batches, 1U);
  EXPECT_EQ(after.removed_events, 2U);
  ASSERT_EQ(alerts().size(), 1U);
  EXPECT_EQ(control_->alerts().read(alerts().front().id)->events.size(), 1U);
  restart();
  const auto again = ingest(1, "evil\nb");
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->accepted, 2U);
  EXPECT_THAT(stored_batches(), IsEmpty());
  EXPECT_EQ(control_->retention().removed()->batches, 1U);
}

TEST_F(RetentionTest, NothingGoesThatIsNotOldEnoughOrWithoutLimits) {
  ASSERT_TRUE(ingest(1, "a"));
  set_day(30);
  EXPECT_FALSE(*retention({.days = 30}).run_once());
  set_day(1000);
  EXPECT_FALSE(*retention({}).run_once());
  EXPECT_THAT(stored_batches(), ElementsAre(1));
  EXPECT_EQ(removals(), 0U);
}

TEST_F(RetentionTest, WhatACrashKeptIsRemovedByTheNextRound) {
  ASSERT_TRUE(ingest(1, "a"));
  set_day(40);
  store_.fail_next_removal();
  EXPECT_FALSE(retention({.days = 30}).run_once());
  EXPECT_THAT(findings(), ElementsAre("1 removed batch still there"));
  restart();
  EXPECT_FALSE(*retention({.days = 30}, hours(1)).run_once());
  EXPECT_THAT(stored_batches(), IsEmpty());
  EXPECT_THAT(findings(), IsEmpty());
  EXPECT_EQ(removals(), 1U);
}

TEST_F(RetentionTest, AClockThatIsWrongForAWhileCostsNothing) {
  ASSERT_TRUE(ingest(1, "a"));
  Retention rounds = retention({.days = 30}, hours(1));
  EXPECT_FALSE(*rounds.run_once());
  steady_ += hours(5);
  set_day(5000);
  EXPECT_FALSE(*rounds.run_once());
  steady_ += std::chrono::minutes(59);
  EXPECT_FALSE(*rounds.run_once());
  set_day(1);
  EXPECT_FALSE(*rounds.run_once());
  steady_ += hours(5);
  set_day(5000);
  EXPECT_FALSE(*rounds.run_once());
  EXPECT_THAT(stored_batches(), ElementsAre(1));
  steady_ += hours(1);
  EXPECT_TRUE(*rounds.run_once());
  EXPECT_THAT(stored_batches(), IsEmpty());
}

TEST_F(RetentionTest, BeyondTheSizeTheOldestDaysGoButNotTheNewest) {
  for (std::uint64_t day = 0; day < 10; ++day) {
    set_day(static_cast<std::int64_t>(day));
    ASSERT_TRUE(ingest(day + 1, "a\nb"));  // 200 bytes each
  }
  EXPECT_FALSE(*retention({.max_bytes = 2'000}).run_once());
  EXPECT_TRUE(*retention({.max_bytes = 1'700}).run_once());
  EXPECT_EQ(stored_batches().front(), 3U);
  EXPECT_THAT(control_->audit_log().list(std::nullopt, 1)->front().detail, HasSubstr("more than 1700 bytes"));
  EXPECT_FALSE(*retention({.max_bytes = 1}).run_once());  // seven days are kept whatever their size
  EXPECT_EQ(stored_batches().size(), 8U);
  EXPECT_TRUE(*retention({.max_bytes = 1, .min_days = 1}).run_once());
  EXPECT_THAT(stored_batches(), ElementsAre(9, 10));
  EXPECT_THAT(findings(), IsEmpty());
}

TEST_F(RetentionTest, ABatchThatWasDeletedDoesNotPassForRemoved) {
  ASSERT_TRUE(ingest(1, "a"));
  set_day(40);
  ASSERT_TRUE(ingest(2, "b"));
  EXPECT_TRUE(*retention({.days = 30}).run_once());
  store_.batches().erase(2);
  EXPECT_THAT(findings(), ElementsAre("2 events missing"));
  // Saying so in the audit log takes a link that follows from the one before.
  execute(
      "INSERT INTO audit_log SELECT 2, at_ms, principal, action, subject, "
      "'received_before=9999999999999 newest_batch=2 batches=1 events=1 quarantined=0; x', link FROM audit_log");
  EXPECT_THAT(findings(), ::testing::Contains("2 audit log changed"));
}

TEST_F(RetentionTest, WhatGoesDuringAVerificationIsNoFinding) {
  set_day(40);
  std::string many;
  for (int i = 0; i < 20'001; ++i) many += "a\n";
  ASSERT_TRUE(ingest(1, many));  // as much as is read at once
  set_day(0);
  ASSERT_TRUE(ingest(2, "b"));
  set_day(40);
  VerifyOptions options;
  options.online = true;
  options.progress = [&](std::uint64_t done, std::uint64_t) {
    if (done == 1) {
      EXPECT_TRUE(*retention({.days = 30}).run_once());
    }
  };
  const auto during = verify(store_, *control_, options);
  ASSERT_TRUE(during);
  EXPECT_EQ(during->removed_batches, 1U);
  EXPECT_TRUE(during->intact());
}

TEST_F(RetentionTest, WhatComesInLaterIsNotTakenForOld) {
  ASSERT_TRUE(ingest(1, "a"));
  set_day(40);
  EXPECT_TRUE(*retention({.days = 30}).run_once());
  set_day(0);  // the clock was set back
  ASSERT_TRUE(ingest(2, "b"));
  set_day(40);
  EXPECT_FALSE(*retention({.days = 30}).run_once());
  EXPECT_THAT(stored_batches(), ElementsAre(2));
  EXPECT_THAT(findings(), IsEmpty());
}

TEST_F(RetentionTest, WaitsForABackup) {
  ASSERT_TRUE(ingest(1, "a"));
  set_day(40);
  CommitGate backup = std::move(*CommitGate::open(directory_.path()));
  ASSERT_TRUE(backup.close(std::chrono::milliseconds(0)));
  EXPECT_EQ(retention({.days = 30}).run_once().error().code, ErrorCode::busy);
  EXPECT_THAT(stored_batches(), ElementsAre(1));
  EXPECT_EQ(removals(), 0U);
  backup.reopen();
  EXPECT_TRUE(*retention({.days = 30}).run_once());
}

}  // namespace
}  // namespace sightline::server
