#include "server/commit_gate.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "testing/temporary_directory.h"

namespace sightline::server {
namespace {

using std::chrono::milliseconds;

class CommitGateTest : public ::testing::Test {
 protected:
  CommitGate open() { return std::move(*CommitGate::open(directory_.path())); }
  const sightline::testing::TemporaryDirectory directory_;
};

TEST_F(CommitGateTest, IsPassedWhileNobodyClosedIt) {
  CommitGate committer = open();
  CommitGate backup = open();
  EXPECT_TRUE(committer.pass(milliseconds(0)));
  EXPECT_FALSE(backup.close(milliseconds(0)));  // a commit is under way
  committer.leave();
  EXPECT_TRUE(backup.close(milliseconds(0)));
  EXPECT_FALSE(committer.pass(milliseconds(0)));
  committer.leave();
  backup.reopen();
  EXPECT_TRUE(committer.pass(milliseconds(0)));
}

TEST_F(CommitGateTest, OneClosesItAtATimeAndNoLongerThanItLives) {
  CommitGate other = open();
  {
    CommitGate one = open();
    EXPECT_TRUE(one.close(milliseconds(0)));
    EXPECT_FALSE(other.close(milliseconds(0)));
  }
  EXPECT_TRUE(other.close(milliseconds(0)));
}

// A test that fails here does not end.
TEST_F(CommitGateTest, PatienceIsLostOnce) {
  CommitGate committer = open();
  CommitGate stuck = open();
  ASSERT_TRUE(stuck.close(milliseconds(0)));
  EXPECT_FALSE(committer.pass(milliseconds(1)));
  committer.leave();
  EXPECT_FALSE(committer.pass(std::chrono::hours(24)));
  committer.leave();
  stuck.reopen();
  EXPECT_TRUE(committer.pass(milliseconds(0)));
  EXPECT_FALSE(CommitGate().pass(std::chrono::hours(24)));  // has no file
}

TEST_F(CommitGateTest, ACommitterThatNeverRestsLetsItClose) {
  std::atomic<bool> stop{false};
  std::thread committing([&] {
    CommitGate committer = open();
    while (!stop) {
      committer.pass(milliseconds(60'000));
      committer.leave();
    }
  });
  CommitGate backup = open();
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(backup.close(milliseconds(60'000)));
    backup.reopen();
  }
  stop = true;
  committing.join();
}

}  // namespace
}  // namespace sightline::server
