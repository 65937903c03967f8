#include "store/clickhouse/embedded/failed_writes.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <memory>
#include <string>

#include "store/clickhouse/embedded/embedded_store.h"
#include "store/clickhouse/testing/sample_events.h"
#include "testing/temporary_directory.h"

namespace sightline::store {
namespace {

// No file may grow beyond `bytes` while it lives: a write that would fails.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
};

TEST(FailedWrites, AreAnsweredBySyncUntilTheDescriptorIsClosed) {
  ASSERT_TRUE(clickhouse::writes_are_watched());
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  EXPECT_LT(::write(full, "x", 1), 0);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(::fdatasync(full), -1);
    EXPECT_EQ(errno, ENOSPC);
    EXPECT_EQ(::fsync(full), -1);
    EXPECT_EQ(errno, ENOSPC);
  }
  ::close(full);

  const sightline::testing::TemporaryDirectory directory;
  const std::string path = directory.path() / "file";
  const int again = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_EQ(again, full);
  EXPECT_EQ(::write(again, "x", 1), 1);
  EXPECT_EQ(::fsync(again), 0);
  ::close(again);
}

TEST(FailedWrites, MakeTheAppendFailAndStoreNothing) {
  const sightline::testing::TemporaryDirectory directory;
  Result<std::unique_ptr<EventStore>> store = open_embedded({.directory = directory.path() / "events", .log = {}});
  ASSERT_TRUE(store.has_value()) << store.error().message;
  EventBatch first = testing::login_events(50, 1'700'000'000'000);
  const std::array<PendingBatch, 1> stored{testing::seal(first, testing::sample_header(1))};
  ASSERT_TRUE((*store)->append(stored).has_value());

  EventBatch second = testing::login_events(50, 1'700'000'000'000);
  const std::array<PendingBatch, 1> refused{testing::seal(second, testing::sample_header(2))};
  for (const rlim_t bytes : {0U, 10U, 100U, 1'000U}) {
    const FileSizeLimit limit(bytes);
    const Result<void> appended = (*store)->append(refused);
    ASSERT_FALSE(appended.has_value()) << bytes;
    EXPECT_EQ(appended.error().code, ErrorCode::unavailable);
  }
  const auto headers = (*store)->batches_from(1);
  ASSERT_TRUE(headers.has_value()) << headers.error().message;
  EXPECT_EQ(headers->size(), 1U);

  ASSERT_TRUE((*store)->append(refused).has_value());
  const Result<EventBatch> read = (*store)->read_batch(2);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(read->size(), second.size());
}

}  // namespace
}  // namespace sightline::store
