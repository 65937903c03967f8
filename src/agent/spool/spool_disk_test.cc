// Disks that are full or fail while the spool is open.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "agent/spool/spool_fixture.h"
#include "agent/spool/sync_fixture.h"

namespace sightline::agent {
namespace {

int count_sync() {
  ++Syncs::done;
  if (!Syncs::failing) return 0;
  errno = EIO;
  return -1;
}

}  // namespace
}  // namespace sightline::agent

extern "C" int fdatasync(int) { return sightline::agent::count_sync(); }
extern "C" int fsync(int) { return sightline::agent::count_sync(); }
extern "C" int ftruncate(int descriptor, off_t size) noexcept {
  if (!sightline::agent::Syncs::cutting_fails) return static_cast<int>(::syscall(SYS_ftruncate, descriptor, size));
  errno = EIO;
  return -1;
}

namespace sightline::agent {
namespace {

namespace fs = std::filesystem;

class SpoolDisk : public SpoolFixture {
 protected:
  void TearDown() override { end_faults(); }
  static void end_faults() {
    Syncs::failing = false;
    Syncs::cutting_fails = false;
  }
  static ErrorCode refused(Spool& spool, std::uint64_t number, std::size_t body_bytes = 100) {
    const auto appended = spool.append(batch(number, body_bytes));
    EXPECT_FALSE(appended);
    return appended ? ErrorCode::internal : appended.error().code;
  }
  void expect_files_as_counted(const Spool& spool) const {
    std::uint64_t bytes = 0;
    for (const auto& file : segments()) bytes += fs::file_size(file);
    EXPECT_EQ(spool.stats().bytes, bytes);
    EXPECT_EQ(spool.stats().segments, segments().size());
  }
};

TEST_F(SpoolDisk, EveryBatchIsSyncedBeforeItIsReported) {
  const auto spool = open();
  append(*spool, 1, 1);
  for (std::uint64_t number = 2; number < 10; ++number) {
    const int before = Syncs::done;
    append(*spool, number, number);
    EXPECT_EQ(Syncs::done, before + 1);
  }
}

TEST_F(SpoolDisk, ASyncThatFailsReportsNothingAndTheSegmentIsGivenUp) {
  for (const bool cutting_fails : {false, true}) {
    fs::remove_all(folder());
    {
      const auto spool = open();
      append(*spool, 1, 3);
      Syncs::failing = true;
      Syncs::cutting_fails = cutting_fails;
      for (int i = 0; i < 5; ++i) EXPECT_EQ(refused(*spool, 4), ErrorCode::unavailable);
      EXPECT_EQ(spool->stats().batches, 3U);
      EXPECT_EQ(spool->cursor("audit"), "after 2");
      end_faults();
      append(*spool, 4, 6);
      EXPECT_EQ(segments().size(), 2U);
    }
    const auto spool = open();
    const auto drained = drain(*spool);
    EXPECT_EQ(sequences(drained), from_to(1, 6));
    expect_whole(drained);
    EXPECT_TRUE(spool->take_damage().empty());
  }
}

// What was written and could not be cut off is there after all, or is not; nothing else takes its sequence.
TEST_F(SpoolDisk, ABatchThatFailedBeforeTheProcessEndedIsWholeOrAbsent) {
  {
    const auto spool = open();
    append(*spool, 1, 3);
    Syncs::failing = true;
    Syncs::cutting_fails = true;
    EXPECT_EQ(refused(*spool, 4), ErrorCode::unavailable);
    end_faults();
  }
  const auto spool = open();
  EXPECT_EQ(spool->cursor("audit"), "after 4");
  append(*spool, 5, 5);
  const auto drained = drain(*spool);
  EXPECT_EQ(sequences(drained), from_to(1, 5));
  expect_whole(drained);
}

TEST_F(SpoolDisk, NothingIsRemovedBeforeItsAcknowledgementIsDurable) {
  segment_bytes_ = 500;
  const auto spool = open();
  append(*spool, 1, 9);
  const std::size_t files = segments().size();
  Syncs::failing = true;
  EXPECT_EQ(spool->acknowledge(6).error().code, ErrorCode::unavailable);
  EXPECT_EQ(segments().size(), files);
  EXPECT_EQ(spool->oldest()->value().sequence, 7U) << "it counts all the same";
  end_faults();
  ASSERT_TRUE(spool->acknowledge(7));
  EXPECT_LT(segments().size(), files);
  expect_files_as_counted(*spool);
}

// A write that ends in the middle, at every place of a frame.
TEST_F(SpoolDisk, AWriteThatFailsHalfwayIsCutOff) {
  const auto before = std::signal(SIGXFSZ, SIG_IGN);
  rlimit limits{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limits), 0);
  for (const bool cutting_fails : {false, true}) {
    fs::remove_all(folder());
    const auto spool = open();
    append(*spool, 1, 2, 6'000);
    const std::uint64_t end = fs::file_size(segments().front());
    ASSERT_GT(end, 8'192U) << "the state file must stay writable";
    for (std::uint64_t more = 0; more < 230; more += cutting_fails ? 230 : 1) {
      const rlimit lower{end + more, limits.rlim_max};
      Syncs::cutting_fails = cutting_fails;
      ::setrlimit(RLIMIT_FSIZE, &lower);
      const ErrorCode code = refused(*spool, 3, 150);
      ::setrlimit(RLIMIT_FSIZE, &limits);
      end_faults();
      ASSERT_EQ(code, ErrorCode::unavailable);
    }
    append(*spool, 3, 5, 6'000);
    EXPECT_EQ(segments().size(), cutting_fails ? 2U : 1U);
    const auto drained = drain(*spool);
    EXPECT_EQ(sequences(drained), from_to(1, 5));
    expect_whole(drained, 6'000);
    EXPECT_TRUE(spool->take_damage().empty());
  }
  std::signal(SIGXFSZ, before);
}

TEST_F(SpoolDisk, SpaceForOthersStaysFree) {
  Spool::Options asking = options();
  asking.min_free_bytes = UINT64_MAX / 2;
  const auto spool = Spool::open(asking);
  ASSERT_TRUE(spool);
  EXPECT_EQ(refused(**spool, 1), ErrorCode::unavailable);
  EXPECT_TRUE(segments().empty());
}

class FullDisk : public SpoolDisk {
 protected:
  void SetUp() override {
    fs::create_directory(folder());
    if (::mount("tmpfs", folder().c_str(), "tmpfs", 0, "size=1m,mode=0700") != 0) {
      GTEST_SKIP() << "mounting a file system is not allowed here";
    }
    mounted_ = true;
  }
  void TearDown() override {
    if (mounted_) {
      EXPECT_EQ(::umount(folder().c_str()), 0);
    }
  }
  bool mounted_ = false;
};

TEST_F(FullDisk, RefusesAndGoesOnByItselfOnceThereIsSpace) {
  segment_bytes_ = 100'000;
  std::uint64_t last = 0;
  std::uint64_t acknowledged = 0;
  for (int round = 0; round < 6 && !HasFailure(); ++round) {
    const auto spool = open();
    ASSERT_NE(spool, nullptr) << "opening needs no space";
    const std::size_t body_bytes = 7'001;
    auto appended = spool->append(batch(last + 1, body_bytes));
    for (; appended; appended = spool->append(batch(last + 1, body_bytes))) last = *appended;
    EXPECT_EQ(appended.error().code, ErrorCode::unavailable) << appended.error().message;
    EXPECT_GT(last, acknowledged + 100);
    expect_files_as_counted(*spool);
    for (std::uint64_t left = last - acknowledged; left > (round % 2 == 0 ? 20U : 0U); --left) {
      const auto oldest = spool->oldest();
      ASSERT_TRUE(oldest && *oldest);
      ASSERT_EQ((*oldest)->sequence, ++acknowledged);
      ASSERT_EQ((*oldest)->batch, batch(acknowledged, body_bytes));
      ASSERT_TRUE(spool->acknowledge(acknowledged)) << "on a full disk, too";
    }
    EXPECT_TRUE(spool->take_damage().empty());
  }
}

}  // namespace
}  // namespace sightline::agent
