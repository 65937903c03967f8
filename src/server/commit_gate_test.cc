#include "server/commit_gate.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
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
  EXPECT_FALSE(*backup.close(milliseconds(0)));  // a commit is under way
  committer.leave();
  EXPECT_TRUE(*backup.close(milliseconds(0)));
  EXPECT_FALSE(committer.pass(milliseconds(0)));
  committer.leave();
  backup.reopen();
  EXPECT_TRUE(committer.pass(milliseconds(0)));
}

TEST_F(CommitGateTest, OneClosesItAtATimeAndNoLongerThanItLives) {
  CommitGate other = open();
  {
    CommitGate one = open();
    EXPECT_TRUE(*one.close(milliseconds(0)));
    EXPECT_FALSE(*other.close(milliseconds(0)));
  }
  EXPECT_TRUE(*other.close(milliseconds(0)));
}

// A test that fails here does not end.
TEST_F(CommitGateTest, PatienceIsLostOnce) {
  CommitGate committer = open();
  CommitGate stuck = open();
  ASSERT_TRUE(*stuck.close(milliseconds(0)));
  EXPECT_FALSE(committer.pass(milliseconds(1)));
  committer.leave();
  EXPECT_FALSE(committer.pass(std::chrono::hours(24)));
  committer.leave();
  stuck.reopen();
  EXPECT_TRUE(committer.pass(milliseconds(0)));
  CommitGate without_file;
  EXPECT_FALSE(without_file.pass(std::chrono::hours(24)));
  EXPECT_EQ(without_file.close(std::chrono::hours(24)).error().code, ErrorCode::unavailable);
}

// So that the server's user can open what root made.
TEST_F(CommitGateTest, WhatRootMadeBelongsToTheDirectorysOwner) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can make it for another";
  constexpr uid_t kNobody = 65534;
  ASSERT_EQ(::chown(directory_.path().c_str(), kNobody, kNobody), 0);
  const auto owner_of = [](const std::filesystem::path& file) {
    struct stat about{};
    EXPECT_EQ(::stat(file.c_str(), &about), 0);
    return about.st_uid;
  };
  open();
  EXPECT_EQ(owner_of(directory_.path() / "gate"), kNobody);
  // Another file of root's under the same name stays root's.
  const sightline::testing::TemporaryDirectory elsewhere;
  const std::filesystem::path other = elsewhere.path() / "file";
  std::ofstream(other) << "of root";
  std::filesystem::remove(directory_.path() / "gate");
  std::filesystem::create_hard_link(other, directory_.path() / "gate");
  open();
  EXPECT_EQ(owner_of(other), 0U);
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
    EXPECT_TRUE(*backup.close(milliseconds(60'000)));
    backup.reopen();
  }
  stop = true;
  committing.join();
}

}  // namespace
}  // namespace sightline::server
