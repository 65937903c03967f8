// Who gets room and turns when there are more who want them.
#include <gtest/gtest.h>

#include <thread>

#include "server/admission.h"
#include "server/commit_queue.h"
#include "server/fair_queue.h"
#include "server/fair_turns.h"

namespace sightline::server {
namespace {

BatchKey key(std::string principal, std::string source) { return {std::move(principal), std::move(source), 0, 0}; }

TEST(FairQueue, PrincipalsAndTheirSourcesTakeTurns) {
  FairQueue<int> queue;
  for (const int item : {1, 2, 3}) queue.push(key("loud", "a"), item);
  queue.push(key("loud", "b"), 4);
  queue.push(key("quiet", "a"), 5);
  std::vector<int> order;
  while (!queue.empty()) {
    const int front = queue.front();
    order.push_back(queue.pop());
    EXPECT_EQ(order.back(), front);
    if (order.size() == 2) queue.push(key("quiet", "a"), 6);
  }
  EXPECT_EQ(order, (std::vector<int>{1, 5, 4, 6, 2, 3}));
}

std::unique_ptr<CommitItem> item(std::string principal, std::size_t size_bytes) {
  auto made = std::make_unique<CommitItem>();
  made->key = key(std::move(principal), "");
  made->size_bytes = size_bytes;
  return made;
}

std::string senders_of(const CommitQueue::Group& group) {
  std::string senders;
  for (const auto& one : group) senders += one->key.principal + " ";
  return senders;
}

// A test that waits for another sender here does not end.
TEST(CommitQueue, OneSenderAloneFillsAGroup) {
  CommitQueue queue;
  const GroupLimits limits{.events = 100, .bytes = 80, .batches = 10, .shares = 4, .patience = std::chrono::hours(24)};
  for (int i = 0; i < 9; ++i) queue.push(item("loud", 10));
  EXPECT_EQ(queue.take(limits, {})->size(), 8U);
  EXPECT_EQ(queue.take(limits, 0)->size(), 1U);
  EXPECT_EQ(queue.take(limits, 0)->size(), 0U);
}

TEST(CommitQueue, ASenderHasItsShareOfAGroupBesideOthers) {
  CommitQueue queue;
  const GroupLimits limits{.events = 100, .bytes = 80, .batches = 10, .shares = 4};
  for (int i = 0; i < 9; ++i) queue.push(item("loud", 10));
  queue.push(item("quiet", 10));
  EXPECT_EQ(senders_of(*queue.take(limits, {})), "loud quiet loud ");
  EXPECT_EQ(senders_of(*queue.take(limits, {})), "loud loud ");  // the other one sent lately
  queue.push(item("quiet", 80));                                 // more than its share
  queue.push(item("third", 10));
  EXPECT_EQ(senders_of(*queue.take(limits, {})), "loud ");  // no group is larger for it
  EXPECT_EQ(senders_of(*queue.take(limits, {})), "quiet ");
}

TEST(CommitQueue, AGroupWaitsForWhoWasJustAnswered) {
  CommitQueue queue;
  const GroupLimits limits{.events = 100, .bytes = 80, .batches = 10, .shares = 4, .patience = std::chrono::hours(24)};
  for (int i = 0; i < 4; ++i) queue.push(item("loud", 10));
  queue.push(item("quiet", 10));
  EXPECT_EQ(senders_of(*queue.take(limits, {})), "loud quiet loud ");
  std::jthread again([&] { queue.push(item("quiet", 10)); });
  EXPECT_EQ(senders_of(*queue.take(limits, {})), "loud quiet loud ");
}

TEST(CommitQueue, WaitsForNobodyOnceItIsClosed) {
  CommitQueue queue;
  const GroupLimits limits{.events = 100, .bytes = 80, .batches = 10, .shares = 4, .patience = std::chrono::hours(24)};
  queue.push(item("one", 10));
  queue.push(item("other", 10));
  EXPECT_EQ(queue.take(limits, {})->size(), 2U);
  queue.push(item("one", 10));
  const std::jthread closing([&] { queue.close(); });
  EXPECT_EQ(senders_of(*queue.take(limits, {})), "one ");
  EXPECT_FALSE(queue.take(limits, {}));
}

TEST(FairTurns, GoToWhoeverWaitsInTurn) {
  FairTurns turns(1);
  {
    const FairTurns::Turn first(turns, key("a", ""));
  }
  const FairTurns::Turn again(turns, key("a", ""));
}

TEST(Admission, LeavesRoomForNewcomers) {
  PipelineMetrics metrics;
  Admission admission(12, 1'000, metrics);
  std::vector<Admission::Ticket> loud;
  while (auto ticket = admission.enter("loud", 1)) loud.push_back(std::move(*ticket));
  EXPECT_EQ(loud.size(), 6U);  // half
  EXPECT_EQ(metrics.refused_share, 1U);
  std::vector<Admission::Ticket> second;
  while (auto ticket = admission.enter("second", 1)) second.push_back(std::move(*ticket));
  EXPECT_EQ(second.size(), 3U);  // half of what was left
  std::vector<Admission::Ticket> later;
  for (const char* who : {"third", "fourth", "fifth"}) {
    auto ticket = admission.enter(who, 1);
    ASSERT_TRUE(ticket) << who;
    later.push_back(std::move(*ticket));
  }
  loud.clear();
  EXPECT_TRUE(admission.enter("loud", 1));
  EXPECT_EQ(metrics.refused_busy, 0U);
}

TEST(Admission, SharesMemoryToo) {
  PipelineMetrics metrics;
  Admission admission(100, 1'000, metrics);
  auto large = admission.enter("loud", 10);
  EXPECT_TRUE(large->grow_to(900));  // its only request
  EXPECT_FALSE(admission.enter("loud", 10));
  auto small = admission.enter("quiet", 10);
  EXPECT_TRUE(small->grow_to(90));
  EXPECT_FALSE(small->grow_to(200));
  EXPECT_EQ(metrics.refused_share, 1U);
  EXPECT_EQ(metrics.refused_busy, 1U);
  large.reset();
  auto next = admission.enter("quiet", 10);
  EXPECT_TRUE(next->grow_to(400));
  EXPECT_FALSE(next->grow_to(600));
}

}  // namespace
}  // namespace sightline::server
