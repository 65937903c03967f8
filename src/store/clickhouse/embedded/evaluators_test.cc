// The SQL evaluator against the predicate in memory (a short run; agreement/ has the long one) and the query case
// files.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>

#include "query/checker.h"
#include "query/parser.h"
#include "query/testing/query_cases.h"
#include "store/clickhouse/embedded/embedded_store.h"
#include "store/clickhouse/testing/sample_events.h"
#include "store/testing/agreement.h"
#include "testing/temporary_directory.h"

namespace sightline::store {
namespace {

TEST(Evaluators, AgreeOnRandomPairs) {
  const sightline::testing::TemporaryDirectory directory;
  Result<std::unique_ptr<EventStore>> store = open_embedded({.directory = directory.path() / "events", .log = {}});
  ASSERT_TRUE(store.has_value()) << store.error().message;
  query::testing::RandomPairs pairs = query::testing::make_random_pairs(77, 100, 40);
  const std::array<PendingBatch, 1> batch{testing::with_ids(pairs.events, testing::sample_header(1))};
  ASSERT_TRUE((*store)->append(batch).has_value());
  for (const std::string& disagreement : testing::find_disagreements(**store, pairs)) ADD_FAILURE() << disagreement;
}

class QueryCasesInStore : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(QueryCasesInStore, FindsTheExpectedEvents) {
  query::testing::QueryCases cases = query::testing::load_query_cases(GetParam());
  const sightline::testing::TemporaryDirectory directory;
  Result<std::unique_ptr<EventStore>> store = open_embedded({.directory = directory.path() / "events", .log = {}});
  ASSERT_TRUE(store.has_value()) << store.error().message;
  const std::array<PendingBatch, 1> batch{testing::with_ids(cases.events, testing::sample_header(1))};
  ASSERT_TRUE((*store)->append(batch).has_value());
  for (const query::testing::QueryCase& each : cases.cases) {
    SCOPED_TRACE(cases.file.filename().string() + ":" + std::to_string(each.line) + ": " + each.query);
    auto query = query::parse(each.query);
    ASSERT_TRUE(query.has_value());
    ASSERT_TRUE(query::check(*query, {&cases.catalog, cases.now_ms}).has_value());
    std::vector<std::string> found = cases.labels;
    if (query->filter) {
      const std::vector<std::string> ids = testing::find_ids(**store, std::move(*query->filter));
      found.clear();
      for (std::size_t i = 0; i < cases.events.size(); ++i) {
        if (std::ranges::binary_search(ids, to_string(cases.events.events()[i].id))) found.push_back(cases.labels[i]);
      }
    }
    EXPECT_EQ(found, each.expected);
  }
}

std::string name_of(const ::testing::TestParamInfo<std::filesystem::path>& info) { return info.param.stem().string(); }

INSTANTIATE_TEST_SUITE_P(Files, QueryCasesInStore, ::testing::ValuesIn(query::testing::query_case_files()), name_of);

}  // namespace
}  // namespace sightline::store
