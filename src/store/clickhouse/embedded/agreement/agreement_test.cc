// More than 100,000 random pairs of expression and event through both evaluators.
#include "store/testing/agreement.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>

#include "store/clickhouse/embedded/embedded_store.h"
#include "store/clickhouse/testing/sample_events.h"
#include "testing/temporary_directory.h"

namespace sightline::store {
namespace {

class AgreementTest : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(AgreementTest, PredicateAndSqlFindTheSameEvents) {
  constexpr std::size_t kEvents = 300;
  constexpr std::size_t kExpressions = 120;
  const sightline::testing::TemporaryDirectory directory;
  Result<std::unique_ptr<EventStore>> store = open_embedded({.directory = directory.path() / "events", .log = {}});
  ASSERT_TRUE(store.has_value()) << store.error().message;
  query::testing::RandomPairs pairs = query::testing::make_random_pairs(GetParam(), kEvents, kExpressions);
  const std::array<PendingBatch, 1> batch{testing::with_ids(pairs.events, testing::sample_header(1))};
  ASSERT_TRUE((*store)->append(batch).has_value());
  const std::vector<std::string> disagreements = testing::find_disagreements(**store, pairs);
  for (std::size_t i = 0; i < disagreements.size() && i < 10; ++i) ADD_FAILURE() << disagreements[i];
  EXPECT_EQ(disagreements.size(), 0U) << "of " << kEvents * kExpressions << " pairs, seed " << GetParam();
}

INSTANTIATE_TEST_SUITE_P(Seeds, AgreementTest, ::testing::Values(1, 2, 116, 134));

}  // namespace
}  // namespace sightline::store
