#include "query/testing/query_cases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "query/checker.h"
#include "query/parser.h"
#include "query/predicate.h"

namespace sightline::query::testing {
namespace {

class QueryCasesTest : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(QueryCasesTest, ThePredicateFindsTheExpectedEvents) {
  const QueryCases cases = load_query_cases(GetParam());
  ASSERT_FALSE(cases.cases.empty());
  for (const QueryCase& each : cases.cases) {
    SCOPED_TRACE(cases.file.filename().string() + ":" + std::to_string(each.line) + ": " + each.query);
    std::expected<Query, Diagnostic> query = parse(each.query);
    ASSERT_TRUE(query.has_value()) << render(query.error(), each.query);
    const auto checked = check(*query, {&cases.catalog, cases.now_ms});
    ASSERT_TRUE(checked.has_value()) << render(checked.error(), each.query);
    std::vector<std::string> found = cases.labels;
    if (query->filter) {
      const Result<Predicate> predicate = Predicate::compile(*query->filter);
      ASSERT_TRUE(predicate.has_value()) << predicate.error().message;
      found.clear();
      for (std::size_t i = 0; i < cases.events.size(); ++i) {
        if (predicate->matches(cases.events.events()[i])) found.push_back(cases.labels[i]);
      }
    }
    EXPECT_EQ(found, each.expected);
  }
}

std::string name_of(const ::testing::TestParamInfo<std::filesystem::path>& info) { return info.param.stem().string(); }

INSTANTIATE_TEST_SUITE_P(Files, QueryCasesTest, ::testing::ValuesIn(query_case_files()), name_of);

}  // namespace
}  // namespace sightline::query::testing
