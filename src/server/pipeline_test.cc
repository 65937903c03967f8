#include "server/pipeline.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <mutex>
#include <thread>

#include "server/conflict_alert.h"
#include "server/pipeline_fixture.h"
#include "server/verify.h"

namespace sightline::server {
namespace {

using PipelineTest = PipelineFixture;

TEST_F(PipelineTest, StoresWhatItAcknowledges) {
  const auto answer = ingest(1, "a\nbad\nb\n");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->accepted, 2U);
  EXPECT_EQ(answer->rejected_count, 1U);
  ASSERT_EQ(answer->rejected.size(), 1U);
  EXPECT_EQ(answer->rejected[0].line, 2U);
  EXPECT_EQ(answer->rejected[0].error, "a bad line");
  EXPECT_FALSE(answer->replayed);
  EXPECT_EQ(answer->batch, 1U);
  EXPECT_EQ(pipeline_->newest_batch(), 1U);

  const auto& events = store_.batches().at(1).events.events();
  ASSERT_EQ(events.size(), 2U);
  const BatchKey key{"token:1", "host-a", 1, 1};
  EXPECT_EQ(events[1].id, make_event_id(key, 1));
  EXPECT_EQ(events[1].received_time_ms, kStart);
  EXPECT_EQ(events[1].event_time_ms, kStart);
  EXPECT_EQ(events[1].text(FieldId::source), "host-a");
  const auto quarantined = control_->quarantine().list({}, 10);
  ASSERT_EQ(quarantined->size(), 1U);
  EXPECT_EQ(quarantined->at(0).bytes, "bad");
}

TEST_F(PipelineTest, AlertsHoldTheirEvents) {
  ASSERT_TRUE(ingest(1, "good\nevil\n"));
  ASSERT_EQ(alerts().size(), 1U);
  const auto alert = control_->alerts().read(alerts()[0].id);
  ASSERT_TRUE(alert);
  EXPECT_EQ(alert->title, "evil ran");
  EXPECT_EQ(alert->created_ms, kStart);
  ASSERT_EQ(alert->events.size(), 1U);
  EXPECT_EQ(alert->events[0].event_id, make_event_id({"token:1", "host-a", 1, 1}, 1));
}

TEST_F(PipelineTest, TheSameBatchAgainGetsTheSameAnswer) {
  const auto first = ingest(1, "evil\nbad\n");
  ASSERT_TRUE(first);
  const auto again = ingest(1, "evil\nbad\n");
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->batch, first->batch);
  EXPECT_EQ(again->accepted, first->accepted);
  EXPECT_EQ(again->rejected, first->rejected);
  restart();
  EXPECT_EQ(ingest(1, "evil\nbad\n")->rejected, first->rejected);
  EXPECT_EQ(stored_events(), 1U);
  EXPECT_EQ(alerts().size(), 1U);
  EXPECT_EQ(decoder_.calls(), 1);
  EXPECT_EQ(control_->quarantine().list({}, 10)->size(), 1U);
}

TEST_F(PipelineTest, KeysBelongToTheirPrincipal) {
  ASSERT_TRUE(ingest(1, "a"));
  IngestRequest other = request("host-a", 1, "b");
  other.key.principal = "token:2";
  const auto answer = pipeline_->ingest(other);
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->replayed);
  EXPECT_EQ(stored_events(), 2U);
}

TEST_F(PipelineTest, AnotherBodyUnderTheSameKeyIsAConflictWithOneAlert) {
  ASSERT_TRUE(ingest(1, "a"));
  for (int i = 0; i < 2; ++i) {
    const auto conflict = ingest(1, "b");
    ASSERT_FALSE(conflict);
    EXPECT_EQ(conflict.error().code, ErrorCode::conflict);
  }
  ASSERT_EQ(alerts().size(), 1U);
  EXPECT_EQ(alerts()[0].rule_id, kConflictRuleId);
  EXPECT_EQ(alerts()[0].severity, 2);
  EXPECT_EQ(alerts()[0].created_ms, kStart);
  EXPECT_FALSE(ingest(1, "c"));
  EXPECT_EQ(alerts().size(), 2U);
  EXPECT_TRUE(ingest(1, "a")->replayed);
  EXPECT_EQ(stored_events(), 1U);
  EXPECT_TRUE(verify(store_, *control_, {})->intact());
}

TEST_F(PipelineTest, ABatchOfRejectedLinesConsumesItsKey) {
  const auto answer = ingest(1, "bad\nbad\n");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->accepted, 0U);
  EXPECT_EQ(answer->batch, 1U);
  EXPECT_TRUE(store_.batches().empty());
  EXPECT_TRUE(ingest(1, "bad\nbad\n")->replayed);
  EXPECT_EQ(ingest(1, "a").error().code, ErrorCode::conflict);
}

TEST_F(PipelineTest, ABodyThatIsRefusedDoesNotConsumeItsKey) {
  EXPECT_EQ(ingest(1, "broken").error().code, ErrorCode::invalid_input);
  EXPECT_EQ(ingest(1, "a")->batch, 1U);
}

TEST_F(PipelineTest, ServerMadeKeysAreNeverTheSame) {
  const BatchKey one = make_server_key("token:1");
  const BatchKey two = make_server_key("token:1");
  EXPECT_FALSE(one == two);
  EXPECT_EQ(one.source, "");
}

TEST_F(PipelineTest, FailureOfTheStoreAcknowledgesNothing) {
  store_.next_append(FakeEventStore::Fault::fails_before_storing);
  const auto failed = ingest(1, "evil");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::unavailable);
  EXPECT_FALSE(pipeline_->ready());
  EXPECT_EQ(pipeline_->newest_batch(), 0U);
  EXPECT_TRUE(alerts().empty());
  const auto answer = ingest(1, "evil");
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->replayed);
  EXPECT_EQ(answer->batch, 1U);
  EXPECT_TRUE(pipeline_->ready());
  EXPECT_EQ(alerts().size(), 1U);
}

TEST_F(PipelineTest, FailureOfTheControlDatabaseIsRepairedWithoutDoubles) {
  make_control_commits_fail();
  const auto failed = ingest(1, "evil\nbad\n");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::unavailable);
  EXPECT_EQ(pipeline_->newest_batch(), 0U);  // stored, but not to be seen yet
  EXPECT_EQ(stored_events(), 1U);
  let_control_commits_work();

  // The next batch repairs first.
  ASSERT_EQ(ingest(2, "b")->batch, 2U);
  EXPECT_EQ(alerts().size(), 1U);
  const auto retried = ingest(1, "evil\nbad\n");
  ASSERT_TRUE(retried);
  EXPECT_TRUE(retried->replayed);
  EXPECT_EQ(retried->batch, 1U);
  EXPECT_EQ(retried->rejected.size(), 1U);
  EXPECT_EQ(control_->quarantine().list({}, 10)->size(), 1U);
  EXPECT_EQ(stored_events(), 2U);
  EXPECT_EQ(alerts().size(), 1U);
  EXPECT_TRUE(verify(store_, *control_, {})->intact());
}

TEST_F(PipelineTest, ARetryBeforeTheRepairIsStoredOnce) {
  make_control_commits_fail();
  const auto failed = ingest(1, "evil\nbad\n");
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().message.find("not known"), std::string::npos) << failed.error().message;
  let_control_commits_work();

  const auto retried = ingest(1, "evil\nbad\n");
  ASSERT_TRUE(retried) << retried.error().message;
  EXPECT_TRUE(retried->replayed);
  EXPECT_EQ(retried->batch, 1U);
  EXPECT_EQ(retried->rejected.size(), 1U);
  EXPECT_EQ(control_->quarantine().list({}, 10)->size(), 1U);
  EXPECT_EQ(stored_events(), 1U);
  EXPECT_EQ(alerts().size(), 1U);
  EXPECT_EQ(ingest(2, "b")->batch, 2U);
  EXPECT_EQ(pipeline_->metrics().queued_requests, 0U);
  EXPECT_TRUE(verify(store_, *control_, {})->intact());
}

TEST_F(PipelineTest, AnotherBodyUnderTheKeyOfAStoredBatchIsAConflictBeforeTheRepairToo) {
  make_control_commits_fail();
  EXPECT_FALSE(ingest(1, "a"));
  let_control_commits_work();
  EXPECT_EQ(ingest(1, "b").error().code, ErrorCode::conflict);
  EXPECT_TRUE(ingest(1, "a")->replayed);
  EXPECT_EQ(stored_events(), 1U);
  EXPECT_EQ(alerts().size(), 1U);
  EXPECT_TRUE(verify(store_, *control_, {})->intact());
}

TEST_F(PipelineTest, AnAppendThatFailedButStoredIsAcknowledged) {
  store_.next_append(FakeEventStore::Fault::fails_after_storing);
  const auto answer = ingest(1, "evil\nbad\n");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->accepted, 1U);
  EXPECT_EQ(answer->rejected.size(), 1U);
  EXPECT_EQ(control_->quarantine().list({}, 10)->size(), 1U);
  EXPECT_EQ(stored_events(), 1U);
  EXPECT_TRUE(verify(store_, *control_, {})->intact());
}

TEST_F(PipelineTest, WhatFailedAndWhatRepairDidIsLoggedAndCounted) {
  stop();
  std::mutex mutex;
  std::vector<std::string> lines;
  Log log(clock_, LogLevel::info, [&](std::string_view line) {
    const std::scoped_lock lock(mutex);
    lines.emplace_back(line);
  });
  const auto logged = [&](std::string_view text) {
    const std::scoped_lock lock(mutex);
    return std::ranges::count_if(lines, [&](const std::string& line) { return line.contains(text); });
  };
  options_.log = &log;
  options_.repair_interval_ms = 1;
  start();
  make_control_commits_fail();
  EXPECT_FALSE(ingest(1, "evil"));
  while (pipeline_->metrics().repairs_failed < 3) std::this_thread::yield();
  let_control_commits_work();
  while (!pipeline_->ready()) std::this_thread::yield();
  EXPECT_EQ(logged("batches were not committed"), 1);
  EXPECT_EQ(logged("repair failed"), 1);  // once, however often it is tried
  EXPECT_EQ(logged("recovered"), 1);
  stop();
}

// A gate without a file cannot be locked.
TEST_F(PipelineTest, AGateThatDoesNotOpenIsPassedByAndSaidOnce) {
  stop();
  std::atomic<int> warnings{0};
  Log log(clock_, LogLevel::warning, [&](std::string_view line) { warnings += line.contains("the gate") ? 1 : 0; });
  CommitGate gate;
  options_.log = &log;
  options_.gate = &gate;
  start();
  EXPECT_TRUE(ingest(1, "a"));
  EXPECT_TRUE(ingest(2, "b"));
  stop();
  EXPECT_EQ(warnings, 1);
  EXPECT_EQ(stored_events(), 2U);
}

TEST_F(PipelineTest, RepairsByItselfWhereNothingElseComes) {
  stop();
  options_.repair_interval_ms = 1;
  start();
  make_control_commits_fail();
  EXPECT_FALSE(ingest(1, "evil"));
  EXPECT_FALSE(pipeline_->ready());
  let_control_commits_work();
  while (!pipeline_->ready()) std::this_thread::yield();
  EXPECT_EQ(pipeline_->newest_batch(), 1U);
  EXPECT_EQ(alerts().size(), 1U);
}

TEST_F(PipelineTest, ACrashBetweenStoreAndControlDatabaseLosesAndDoublesNothing) {
  ASSERT_TRUE(ingest(1, "a"));
  std::string alert_id;
  Sha256Digest alerts_hash{};
  crash_before_the_control_commit([&] {
    ASSERT_TRUE(ingest(2, "evil\nbad\n"));
    alert_id = alerts().at(0).id;
    alerts_hash = (*control_->manifests().read(2))->alerts_hash;
  });
  clock_.set(kStart + 60'000);
  start();
  EXPECT_EQ(pipeline_->newest_batch(), 2U);
  EXPECT_EQ(pipeline_->metrics().batches_recovered, 1U);
  ASSERT_EQ(alerts().size(), 1U);
  EXPECT_EQ(alerts()[0].id, alert_id);
  const auto manifest = control_->manifests().read(2);
  EXPECT_TRUE((*manifest)->recovered);
  EXPECT_EQ((*manifest)->alerts_hash, alerts_hash);  // down to the time it was created

  const auto retried = ingest(2, "evil\nbad\n");
  ASSERT_TRUE(retried);
  EXPECT_TRUE(retried->replayed);
  EXPECT_EQ(retried->accepted, 1U);
  EXPECT_EQ(retried->rejected.size(), 1U);
  EXPECT_EQ(ingest(2, "other").error().code, ErrorCode::conflict);
  EXPECT_EQ(stored_events(), 2U);
  EXPECT_EQ(control_->quarantine().list({}, 10)->size(), 1U);
  EXPECT_TRUE(verify(store_, *control_, {})->intact());
}

TEST_F(PipelineTest, StoredBatchesThatCannotBeOursStopTheStart) {
  ASSERT_TRUE(ingest(1, "a"));
  stop();
  auto node = store_.batches().extract(1);
  node.key() = 3;
  node.mapped().header.number = 3;
  store_.batches().insert(std::move(node));
  const auto started = try_start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, ErrorCode::corrupt);
  EXPECT_NE(started.error().message.find("batch 3"), std::string::npos);
}

TEST_F(PipelineTest, FullQueueAnswersBusy) {
  stop();
  options_.queued_requests = 4;  // half of it for one principal
  start();
  store_.close_gate();
  std::jthread one([&] { EXPECT_TRUE(ingest(1, "a")); });
  std::jthread two([&] { EXPECT_TRUE(ingest(2, "b")); });
  while (pipeline_->metrics().queued_requests < 2) std::this_thread::yield();
  const auto refused = ingest(3, "c");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::busy);
  EXPECT_EQ(pipeline_->metrics().refused_share, 1U);
  store_.open_gate();
  one.join();
  two.join();
  EXPECT_TRUE(ingest(3, "c"));
  EXPECT_EQ(pipeline_->metrics().queued_bytes, 0U);
}

TEST_F(PipelineTest, WhatABodyUnfoldsToCountsWhileItIsDecoded) {
  std::string large;
  for (int i = 0; i < 1'000; ++i) large += "a\n";
  stop();
  options_.queued_bytes = 100'000;
  start();
  EXPECT_TRUE(ingest(1, large)) << "alone there is always room";
  store_.close_gate();
  std::jthread waiting([&] { EXPECT_TRUE(ingest(2, "a")); });
  while (decoder_.calls() < 2) std::this_thread::yield();
  const auto refused = ingest(3, large);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::busy);
  EXPECT_EQ(pipeline_->metrics().refused_busy, 1U);
  store_.open_gate();
  waiting.join();
  EXPECT_EQ(pipeline_->metrics().queued_bytes, 0U);
  EXPECT_TRUE(ingest(3, large));
  EXPECT_EQ(stored_events(), 2'001U);
}

TEST_F(PipelineTest, TheSameBatchTwiceAtOnceIsStoredOnce) {
  std::vector<std::jthread> senders;
  std::atomic<int> replayed{0};
  for (int i = 0; i < 8; ++i) {
    senders.emplace_back([&] {
      const auto answer = ingest(1, "evil");
      ASSERT_TRUE(answer);
      if (answer->replayed) ++replayed;
    });
  }
  senders.clear();
  EXPECT_EQ(replayed, 7);
  EXPECT_EQ(stored_events(), 1U);
  EXPECT_EQ(alerts().size(), 1U);
}

TEST_F(PipelineTest, ManySendersGetEveryBatchStoredOnce) {
  constexpr std::uint64_t kBatches = 25;
  std::vector<std::jthread> senders;
  for (int sender = 0; sender < 6; ++sender) {
    senders.emplace_back([this, sender] {
      for (std::uint64_t sequence = 1; sequence <= kBatches; ++sequence) {
        // Each batch is sent twice, as after a lost answer.
        for (int attempt = 0; attempt < 2; ++attempt) {
          const auto answer = pipeline_->ingest(request(fmt::format("host-{}", sender), sequence, "evil\nb\nbad"));
          ASSERT_TRUE(answer) << answer.error().message;
          EXPECT_EQ(answer->replayed, attempt == 1);
        }
      }
    });
  }
  senders.clear();
  EXPECT_EQ(stored_events(), 6 * kBatches * 2);
  EXPECT_EQ(alerts().size(), 6 * kBatches);
  EXPECT_EQ(pipeline_->newest_batch(), 6 * kBatches);
  const auto report = verify(store_, *control_, {});
  EXPECT_TRUE(report->intact());
  EXPECT_EQ(report->alerts, 6 * kBatches);
}

TEST_F(PipelineTest, StoppingCommitsWhatIsQueuedAndRefusesTheRest) {
  store_.close_gate();
  std::atomic<std::size_t> acknowledged{0};
  std::vector<std::jthread> senders;
  for (std::uint64_t sequence = 1; sequence <= 3; ++sequence) {
    senders.emplace_back([this, sequence, &acknowledged] {
      const auto answer = ingest(sequence, "a");
      if (answer) {
        ++acknowledged;
      } else {
        EXPECT_EQ(answer.error().code, ErrorCode::unavailable);
      }
    });
  }
  while (decoder_.calls() < 3) std::this_thread::yield();
  std::jthread stopping([&] { pipeline_->stop(); });
  while (pipeline_->ready()) std::this_thread::yield();
  EXPECT_EQ(ingest(4, "b").error().code, ErrorCode::unavailable);
  store_.open_gate();
  stopping.join();
  senders.clear();
  EXPECT_EQ(stored_events(), acknowledged);
  EXPECT_EQ(pipeline_->newest_batch(), acknowledged);
  pipeline_->stop();
}

TEST_F(PipelineTest, NewRulesCountFromTheNextCommit) {
  pipeline_->replace_rules(std::make_shared<const detect::ActiveRules>(std::make_shared<const detect::RuleSet>()));
  ASSERT_TRUE(ingest(1, "evil"));
  EXPECT_TRUE(alerts().empty());
  pipeline_->replace_rules(std::make_shared<const detect::ActiveRules>(test_rules()));
  EXPECT_EQ(pipeline_->rules()->rules().size(), 2U);
  ASSERT_TRUE(ingest(2, "evil"));
  EXPECT_EQ(alerts().size(), 1U);
}

// The marks of the stored events, in order.
std::vector<std::string> marks_of(FakeEventStore& store) {
  std::vector<std::string> marks;
  for (const auto& [number, batch] : store.batches()) {
    for (const Event& event : batch.events.events()) {
      std::string& mark = marks.emplace_back();
      for (const FieldValue& value : event.fields()) {
        if (value.field == FieldId::rule_matches) mark.append(mark.empty() ? "" : " ").append(value.text);
      }
    }
  }
  return marks;
}

TEST_F(PipelineTest, EventsAreMarkedWithTheRulesThatMatchedThem) {
  ASSERT_TRUE(ingest(1, "evil\nquiet\ngood"));
  EXPECT_EQ(marks_of(store_), (std::vector<std::string>{"test.evil test.quiet", "test.quiet", ""}));
  ASSERT_EQ(alerts().size(), 1U);
  EXPECT_EQ(alerts().front().rule_id, "test.evil");
  const auto alert = control_->alerts().read(alerts().front().id);
  ASSERT_TRUE(alert);
  ASSERT_EQ(alert->events.size(), 1U);
  EXPECT_THAT(alert->events.front().json, ::testing::HasSubstr("test.quiet"));
}

TEST_F(PipelineTest, ARecoveredBatchKeepsItsMarks) {
  crash_before_the_control_commit([&] { ASSERT_TRUE(ingest(1, "evil\nquiet\ngood")); });
  start();
  EXPECT_EQ(marks_of(store_), (std::vector<std::string>{"test.evil test.quiet", "test.quiet", ""}));
  EXPECT_EQ(alerts().size(), 1U);
  EXPECT_TRUE(verify(store_, *control_, {})->intact());
}

}  // namespace
}  // namespace sightline::server
