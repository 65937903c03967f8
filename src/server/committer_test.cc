#include "server/committer.h"

#include <gmock/gmock.h>

#include "server/pipeline_fixture.h"
#include "server/verify.h"

namespace sightline::server {
namespace {

using ::testing::ElementsAre;

// A committer alone, so that a test decides what makes up a group.
class CommitterTest : public PipelineFixture {
 protected:
  void SetUp() override {
    control_ = std::move(*control::ControlStore::open(directory_.path()));
    detector_ = std::make_unique<detect::Detector>(test_rules());
    committer_ = std::move(*Committer::start({store_, *control_, *detector_, clock_, metrics_}, 1'000));
  }
  void TearDown() override {
    committer_.reset();
    stop();
  }

  // One batch a body; the numbers they got, 0 where one failed, kThere where the batch is there already.
  static constexpr std::uint64_t kThere = 1'000;
  std::vector<std::uint64_t> commit(const std::vector<std::string>& bodies) {
    CommitQueue::Group group;
    std::vector<std::future<CommitResult>> outcomes;
    for (const std::string& body : bodies) {
      auto item = std::make_unique<CommitItem>();
      item->key = {"token:1", "host-a", 1, ++sequence_};
      item->body_hash = sha256(body);
      item->decoded = *decoder_.decode(request("host-a", sequence_, body), [](std::size_t) { return true; });
      outcomes.push_back(item->outcome.get_future());
      group.push_back(std::move(item));
    }
    committer_->commit(std::move(group));
    std::vector<std::uint64_t> numbers;
    for (auto& outcome : outcomes) numbers.push_back(outcome.get().value_or(0).value_or(kThere));
    return numbers;
  }

  PipelineMetrics metrics_;
  std::unique_ptr<Committer> committer_;
  std::uint64_t sequence_ = 0;
};

TEST_F(CommitterTest, SaysThatARuleWasSetAside) {
  // Whatever is measured is over a budget of a nanosecond.
  const detect::RuleBudget budget{.cores = 1e-9, .window_ns = 1'000'000'000, .least_samples = 1};
  *detector_ = detect::Detector(test_rules(), budget);
  for (int i = 0; i < 2'000 && metrics_.rules_set_aside < 2; ++i) commit({"evil"});
  ASSERT_EQ(metrics_.rules_set_aside, 2U) << "each of the two rules";
  EXPECT_GT(metrics_.match_cpu_ns, 0U);
  const auto entries = control_->audit_log().list(std::nullopt, 10);
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 2U);
  EXPECT_EQ((*entries)[0].action, "rule.set_aside");
  EXPECT_THAT((*entries)[0].detail, ::testing::HasSubstr("its budget"));
  const std::uint64_t before = committer_->rules()->find("test.evil")->activity->matches;
  commit({"evil"});
  EXPECT_EQ(committer_->rules()->find("test.evil")->activity->matches, before);
}

TEST_F(CommitterTest, AGroupIsOneAppendWithEmptyBatchesLast) {
  EXPECT_THAT(commit({"bad", "evil", "bad", "c"}), ElementsAre(3, 1, 4, 2));
  EXPECT_EQ(store_.appends(), 1U);
  EXPECT_EQ(metrics_.commits, 1U);
  EXPECT_EQ(metrics_.batches_committed, 4U);
  EXPECT_EQ(metrics_.lines_rejected, 2U);
  EXPECT_EQ(committer_->newest_batch(), 4U);
  EXPECT_THAT(commit({"d"}), ElementsAre(5));
  EXPECT_TRUE(verify(store_, *control_, {})->intact());
}

TEST_F(CommitterTest, AGroupThatLostItsManifestsIsRepairedWithoutGap) {
  make_control_commits_fail();
  EXPECT_THAT(commit({"bad", "evil", "bad", "c"}), ElementsAre(0, 0, 0, 0));
  EXPECT_TRUE(committer_->failing());
  EXPECT_EQ(committer_->newest_batch(), 0U);
  EXPECT_FALSE(committer_->repair());
  let_control_commits_work();
  ASSERT_TRUE(committer_->repair());
  EXPECT_FALSE(committer_->failing());
  EXPECT_EQ(committer_->newest_batch(), 2U);
  EXPECT_EQ(alerts().size(), 1U);
  EXPECT_EQ(metrics_.batches_recovered, 2U);
  EXPECT_THAT(commit({"d"}), ElementsAre(3));
  EXPECT_TRUE(verify(store_, *control_, {})->intact());
}

TEST_F(CommitterTest, AFailedAppendLeavesItsNumbersToTheNext) {
  store_.next_append(FakeEventStore::Fault::fails_before_storing);
  EXPECT_THAT(commit({"evil", "b"}), ElementsAre(0, 0));
  EXPECT_EQ(metrics_.commits_failed, 1U);
  EXPECT_THAT(commit({"c"}), ElementsAre(1));
  EXPECT_TRUE(alerts().empty());
  EXPECT_TRUE(verify(store_, *control_, {})->intact());
}

TEST_F(CommitterTest, WhatAStoreKeptOfAFailedAppendIsRepaired) {
  store_.next_append(FakeEventStore::Fault::fails_after_storing);
  EXPECT_THAT(commit({"evil", "b"}), ElementsAre(kThere, kThere));
  EXPECT_THAT(commit({"c"}), ElementsAre(3));
  EXPECT_EQ(metrics_.batches_recovered, 2U);
  EXPECT_EQ(alerts().size(), 1U);
  EXPECT_TRUE(verify(store_, *control_, {})->intact());
}

TEST_F(CommitterTest, ABatchThatIsThereByNowIsNotNumberedAgain) {
  EXPECT_THAT(commit({"a"}), ElementsAre(1));
  sequence_ = 0;  // looked up before the first was committed
  EXPECT_THAT(commit({"a", "b"}), ElementsAre(kThere, 2));
  EXPECT_EQ(stored_events(), 2U);
  EXPECT_TRUE(verify(store_, *control_, {})->intact());
}

TEST_F(CommitterTest, RepairRefusesABatchThatLacksEvents) {
  make_control_commits_fail();
  commit({"evil\nb\nc"});
  let_control_commits_work();
  std::vector<Event>& events = store_.batches().at(1).events.events();
  events.erase(events.begin());
  const auto repaired = committer_->repair();
  ASSERT_FALSE(repaired);
  EXPECT_EQ(repaired.error().code, ErrorCode::corrupt);
}

TEST_F(CommitterTest, NoEventsHaveNoContent) { EXPECT_EQ(content_hash({}), Sha256Digest{}); }

std::unique_ptr<CommitItem> item_of(std::size_t events, std::size_t size_bytes) {
  auto item = std::make_unique<CommitItem>();
  for (std::size_t i = 0; i < events; ++i) item->decoded.events.add();
  item->size_bytes = size_bytes;
  return item;
}

TEST(CommitQueue, TakesInOrderUpToTheFirstLimit) {
  CommitQueue queue;
  for (const std::size_t events : {3, 3, 3, 1, 1, 1}) ASSERT_TRUE(queue.push(item_of(events, 10)));
  EXPECT_EQ(queue.take({6, 1'000, 100}, std::nullopt)->size(), 2U);
  EXPECT_EQ(queue.take({100, 20, 100}, std::nullopt)->size(), 2U);
  EXPECT_EQ(queue.take({100, 1'000, 1}, std::nullopt)->size(), 1U);
  EXPECT_EQ(queue.take({100, 1'000, 100}, std::nullopt)->size(), 1U);
  EXPECT_TRUE(queue.take({1, 1, 1}, 0)->empty());
}

TEST(CommitQueue, ABatchBeyondTheLimitsGoesAlone) {
  CommitQueue queue;
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(queue.push(item_of(10, 100)));
  EXPECT_EQ(queue.take({1, 1, 100}, std::nullopt)->size(), 1U);
}

TEST(CommitQueue, IsEmptiedAfterItIsClosed) {
  CommitQueue queue;
  ASSERT_TRUE(queue.push(item_of(1, 1)));
  queue.close();
  EXPECT_FALSE(queue.push(item_of(1, 1)));
  EXPECT_EQ(queue.take({1, 1, 1}, std::nullopt)->size(), 1U);
  EXPECT_FALSE(queue.take({1, 1, 1}, std::nullopt));
}

}  // namespace
}  // namespace sightline::server
