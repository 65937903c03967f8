#include "agent/spool/spool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <set>
#include <thread>

#include "agent/spool/keyed_check.h"
#include "agent/spool/spool_fixture.h"

namespace sightline::agent {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class SpoolTest : public SpoolFixture {};

TEST_F(SpoolTest, GivesBatchesBackInOrder) {
  const auto spool = open();
  EXPECT_FALSE(spool->oldest()->has_value());
  append(*spool, 1, 10);
  EXPECT_EQ(spool->oldest()->value().sequence, 1U);
  EXPECT_EQ(spool->oldest()->value().sequence, 1U) << "the same until it is acknowledged";
  const auto drained = drain(*spool);
  EXPECT_EQ(sequences(drained), from_to(1, 10));
  expect_whole(drained);
  EXPECT_TRUE(spool->take_damage().empty());
}

TEST_F(SpoolTest, TakesAnyBytesUpToTheLimits) {
  const auto spool = open();
  Batch odd;
  odd.source = std::string(kMaxSourceBytes, '\xff');
  odd.format = "";
  odd.cursor = std::string(kMaxCursorBytes, '\0');
  odd.body = std::string(kMaxBodyBytes, '\n');
  ASSERT_EQ(*spool->append(odd), 1U);
  Batch empty;
  empty.source = "s";
  ASSERT_EQ(*spool->append(empty), 2U);
  EXPECT_EQ(spool->oldest()->value().batch, odd);
  ASSERT_TRUE(spool->acknowledge(1));
  EXPECT_EQ(spool->oldest()->value().batch, empty);
}

TEST_F(SpoolTest, RefusesWhatIsOverALimit) {
  const auto spool = open();
  const auto refused = [&](auto change) {
    Batch changed = batch(1);
    change(changed);
    const auto appended = spool->append(changed);
    return appended ? ErrorCode::internal : appended.error().code;
  };
  EXPECT_EQ(refused([](Batch& b) { b.source.clear(); }), ErrorCode::invalid_input);
  EXPECT_EQ(refused([](Batch& b) { b.source.assign(kMaxSourceBytes + 1, 'x'); }), ErrorCode::invalid_input);
  EXPECT_EQ(refused([](Batch& b) { b.format.assign(kMaxFormatBytes + 1, 'x'); }), ErrorCode::invalid_input);
  EXPECT_EQ(refused([](Batch& b) { b.cursor.assign(kMaxCursorBytes + 1, 'x'); }), ErrorCode::invalid_input);
  EXPECT_EQ(refused([](Batch& b) { b.body.assign(kMaxBodyBytes + 1, 'x'); }), ErrorCode::too_large);
  for (std::size_t i = 0; i < kMaxSources; ++i) {
    ASSERT_TRUE(spool->append({fmt::format("source-{}", i), "", 1, 0, 0, "", ""}));
  }
  EXPECT_EQ(refused([](Batch& b) { b.source = "one more"; }), ErrorCode::invalid_input);
  EXPECT_EQ(spool->acknowledge(kMaxSources + 1).error().code, ErrorCode::invalid_input);
}

// At every point of appending and acknowledging over several segments.
TEST_F(SpoolTest, ReopeningChangesNothing) {
  segment_bytes_ = 1'000;
  constexpr std::uint64_t kBatches = 12;
  std::uint64_t epoch = 0;
  for (std::uint64_t number = 1; number <= kBatches; ++number) {
    const auto spool = open();
    if (number == 1) epoch = spool->epoch();
    EXPECT_EQ(spool->epoch(), epoch);
    EXPECT_EQ(spool->stats().batches, number - 1);
    append(*spool, number, number, 300);
    EXPECT_EQ(spool->stats().events, number * (number + 1) / 2);
  }
  for (std::uint64_t number = 1; number <= kBatches; ++number) {
    const auto spool = open();
    const auto oldest = spool->oldest();
    ASSERT_TRUE(oldest && *oldest);
    EXPECT_EQ((*oldest)->sequence, number);
    EXPECT_EQ((*oldest)->batch, batch(number, 300));
    EXPECT_EQ(spool->stats().batches, kBatches - number + 1);
    ASSERT_TRUE(spool->acknowledge(number));
    EXPECT_TRUE(spool->take_damage().empty());
  }
  const auto spool = open();
  EXPECT_FALSE(spool->oldest()->has_value());
  EXPECT_EQ(spool->stats().batches, 0U);
  EXPECT_EQ(spool->stats().segments, 1U);
  EXPECT_EQ(spool->epoch(), epoch);
  append(*spool, kBatches + 1, kBatches + 3);
  EXPECT_EQ(sequences(drain(*spool)), from_to(kBatches + 1, kBatches + 3));
}

TEST_F(SpoolTest, SeveralBatchesMayBeAcknowledgedAtOnce) {
  segment_bytes_ = 1'000;
  const auto spool = open();
  append(*spool, 1, 20);
  const std::size_t before = segments().size();
  ASSERT_TRUE(spool->acknowledge(15));
  EXPECT_LT(segments().size(), before);
  EXPECT_EQ(spool->stats().batches, 5U);
  EXPECT_EQ(spool->stats().segments, segments().size());
  ASSERT_TRUE(spool->acknowledge(3)) << "an old one changes nothing";
  EXPECT_EQ(sequences(drain(*spool)), from_to(16, 20));
  EXPECT_EQ(spool->stats().events, 0U);
}

TEST_F(SpoolTest, IsBusyAtItsCapUntilThereIsRoom) {
  max_bytes_ = 20'000;
  const auto spool = open();
  std::uint64_t last = 0;
  for (int round = 0; round < 5; ++round) {
    auto appended = spool->append(batch(last + 1, 1'000));
    for (; appended; appended = spool->append(batch(last + 1, 1'000))) last = *appended;
    EXPECT_EQ(appended.error().code, ErrorCode::busy);
    std::uint64_t bytes = 0;
    for (const auto& file : segments()) bytes += fs::file_size(file);
    EXPECT_LE(bytes, max_bytes_);
    EXPECT_EQ(bytes, spool->stats().bytes);
    const std::uint64_t waiting = spool->stats().batches;
    EXPECT_GE(waiting, 14U) << "of 18 that would fit without headers and with nothing left of what was acknowledged";
    // Half of it, and all of it.
    const std::uint64_t gone = round % 2 == 0 ? waiting / 2 : waiting;
    ASSERT_TRUE(spool->acknowledge(last - waiting + gone));
  }
  const auto rest = drain(*spool);
  expect_whole(rest, 1'000);
  EXPECT_EQ(rest.back().sequence, last);
  EXPECT_TRUE(spool->take_damage().empty());
  EXPECT_EQ(spool->append(batch(1, 20'000)).error().code, ErrorCode::too_large);
}

TEST_F(SpoolTest, ABatchMayBeLargerThanASegment) {
  segment_bytes_ = 1'000;
  const auto spool = open();
  append(*spool, 1, 4, 5'000);
  EXPECT_EQ(spool->stats().segments, 4U);
  const auto drained = drain(*spool);
  EXPECT_EQ(sequences(drained), from_to(1, 4));
  expect_whole(drained, 5'000);
}

TEST_F(SpoolTest, CursorsOutliveTheirSegments) {
  segment_bytes_ = 500;
  {
    const auto spool = open();
    EXPECT_EQ(spool->cursor("audit"), "");
    append(*spool, 1, 3);  // the third is journald's
    for (std::uint64_t number = 4; number < 30; ++number) {
      Batch other = batch(number);
      other.source = "audit";
      ASSERT_TRUE(spool->append(other));
    }
    drain(*spool);
    EXPECT_EQ(spool->stats().segments, 1U);
    EXPECT_EQ(spool->cursor("audit"), "after 29");
    EXPECT_EQ(spool->cursor("journald"), "after 3");
  }
  const auto spool = open();
  EXPECT_EQ(spool->cursor("audit"), "after 29");
  EXPECT_EQ(spool->cursor("journald"), "after 3");
  EXPECT_EQ(spool->cursor("nobody"), "");
}

TEST_F(SpoolTest, IsOpenInOneProcessOnly) {
  auto spool = open();
  const auto second = Spool::open(options());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::conflict);
  EXPECT_THAT(second.error().message, HasSubstr(fmt::format("process {} has", ::getpid())));
  spool.reset();
  EXPECT_NE(open(), nullptr);
}

TEST_F(SpoolTest, IsReadableByNobodyElse) {
  fs::create_directory(folder());
  fs::permissions(folder(), fs::perms::all);
  const auto spool = open();
  append(*spool, 1, 1);
  struct stat status{};
  ASSERT_EQ(::stat(folder().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0700U);
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(folder())) {
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0600U) << entry.path();
    ++files;
  }
  EXPECT_EQ(files, 3U);
}

TEST_F(SpoolTest, LeavesAnotherVersionAlone) {
  {
    const auto spool = open();
    append(*spool, 1, 3);
  }
  // A header as the next version may write it: the same beginning, and a check that holds.
  const fs::path file = segments().front();
  std::string bytes = read_file(file);
  bytes[8] = 2;
  SpoolKey key{};
  std::copy_n(bytes.begin() + 16, key.size(), key.begin());
  std::uint64_t check = keyed_check(key, std::string_view(bytes).substr(0, 64));
  for (std::size_t i = 0; i < 8; ++i, check >>= 8U) bytes[64 + i] = static_cast<char>(check & 0xffU);
  write_bytes(file, bytes);
  const auto opened = Spool::open(options());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::conflict);
  EXPECT_THAT(opened.error().message, HasSubstr("another version (format 2)"));
  EXPECT_EQ(read_file(file), bytes);
}

TEST_F(SpoolTest, EveryNewFolderHasAnEpochOfItsOwn) {
  std::set<std::uint64_t> epochs;
  for (int i = 0; i < 20; ++i) {
    epochs.insert(open()->epoch());
    fs::remove_all(folder());
  }
  EXPECT_EQ(epochs.size(), 20U);
  EXPECT_LT(*epochs.rbegin(), 1ULL << 63U);
}

// Many in one millisecond, as a clock that was set back would have it.
TEST(Epoch, IsRandomWithinAMillisecond) {
  std::set<std::uint64_t> epochs;
  for (int i = 0; i < 50; ++i) epochs.insert(draw_epoch());
  EXPECT_GE(epochs.size(), 48U);
}

TEST_F(SpoolTest, OneThreadAppendsWhileAnotherDelivers) {
  segment_bytes_ = 2'000;
  constexpr std::uint64_t kBatches = 300;
  const auto spool = open();
  std::jthread appending([&] { append(*spool, 1, kBatches); });
  std::vector<StoredBatch> delivered;
  while (delivered.size() < kBatches && !HasFailure()) {
    for (StoredBatch& stored : drain(*spool)) delivered.push_back(std::move(stored));
  }
  EXPECT_EQ(sequences(delivered), from_to(1, kBatches));
  expect_whole(delivered);
  EXPECT_TRUE(spool->take_damage().empty());
}

}  // namespace
}  // namespace sightline::agent
