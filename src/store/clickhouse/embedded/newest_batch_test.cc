#include "store/clickhouse/embedded/newest_batch.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/error.h"

namespace sightline::store::clickhouse {
namespace {

constexpr std::uint64_t kUnknown = NewestBatch::kUnknown;

// What searches were told, each of which runs while `announced` (0: nothing) is inserted.
std::vector<std::uint64_t> told(NewestBatch& newest, std::uint64_t bound, std::uint64_t announced = 0) {
  std::vector<std::uint64_t> told;
  const Result<int> result = newest.search_up_to(bound, [&](std::uint64_t batch) -> Result<int> {
    told.push_back(batch);
    newest.announce(announced);
    return static_cast<int>(told.size());
  });
  EXPECT_EQ(result.value(), static_cast<int>(told.size()));
  return told;
}

TEST(NewestBatch, IsUnknownUntilTheStoreHasBeenRead) {
  NewestBatch newest;
  newest.announce(3);
  EXPECT_EQ(told(newest, 9), (std::vector{kUnknown}));
  newest.set_opened(2);
  EXPECT_EQ(told(newest, 9), (std::vector<std::uint64_t>{3}));
}

TEST(NewestBatch, ASearchDuringWhichALaterOneComesRunsAgain) {
  NewestBatch newest;
  newest.set_opened(5);
  EXPECT_EQ(told(newest, 5, 5), (std::vector<std::uint64_t>{5}));
  EXPECT_EQ(told(newest, 5, 6), (std::vector<std::uint64_t>{5, kUnknown}));
  // Then not tried again until nothing came during a search.
  EXPECT_EQ(told(newest, 6, 7), (std::vector{kUnknown}));
  EXPECT_EQ(told(newest, 7), (std::vector{kUnknown}));
  EXPECT_EQ(told(newest, 7), (std::vector<std::uint64_t>{7}));
}

TEST(NewestBatch, ABoundBelowItIsNoTry) {
  NewestBatch newest;
  newest.set_opened(5);
  EXPECT_EQ(told(newest, 4), (std::vector<std::uint64_t>{5}));
  EXPECT_EQ(told(newest, 5), (std::vector<std::uint64_t>{5}));
  EXPECT_EQ(told(newest, UINT64_MAX, 6), (std::vector<std::uint64_t>{5}));
}

TEST(NewestBatch, AFailureIsNotRunAgain) {
  NewestBatch newest;
  newest.set_opened(5);
  int runs = 0;
  const Result<int> result = newest.search_up_to(5, [&](std::uint64_t) -> Result<int> {
    ++runs;
    newest.announce(6);
    return fail(ErrorCode::timeout, "too long");
  });
  EXPECT_FALSE(result.has_value());
  EXPECT_EQ(runs, 1);
}

}  // namespace
}  // namespace sightline::store::clickhouse
