// The SQL evaluator against the predicate in memory (a short run; agreement/ has the long one) and the query case
// files.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>

#include "event/time.h"
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

// The days around New Year and the end of February of more than 400 years: what the engine knows of the calendar.
EventBatch turns_of_years() {
  EventBatch batch;
  for (int year = 1897; year < 2304; ++year) {
    for (const char* date : {"01-01", "01-03", "01-04", "02-28", "03-01", "12-28", "12-29", "12-31"}) {
      const std::int64_t day_ms = parse_iso8601(std::to_string(year) + "-" + date).value();
      for (const std::int64_t time_ms : {day_ms, day_ms + 86'399'999}) {
        Event& event = batch.add();
        event.event_time_ms = time_ms;
        event.received_time_ms = 1'700'000'000'000;
      }
    }
  }
  return batch;
}

TEST(Evaluators, AgreeOnTheCalendar) {
  const sightline::testing::TemporaryDirectory directory;
  Result<std::unique_ptr<EventStore>> store = open_embedded({.directory = directory.path() / "events", .log = {}});
  ASSERT_TRUE(store.has_value()) << store.error().message;
  query::testing::RandomPairs pairs;
  pairs.events = turns_of_years();
  std::vector<std::string> texts{"hour(event_time) = 23", "minute(event_time) = 59", "minute(event_time) < 59",
                                 "year(event_time) < 1900", "year(event_time) >= 2300"};
  for (int week = 1; week <= 53; ++week) texts.push_back("week(event_time) = " + std::to_string(week));
  for (int month = 1; month <= 12; ++month) texts.push_back("month(event_time) = " + std::to_string(month));
  for (int day = 1; day <= 31; ++day) texts.push_back("day(event_time) = " + std::to_string(day));
  for (int year = 1897; year < 2304; year += 7) texts.push_back("year(event_time) = " + std::to_string(year));
  for (const std::string& text : texts) {
    auto expr = query::parse_expression(text);
    ASSERT_TRUE(expr.has_value() && query::check(*expr, {}).has_value()) << text;
    pairs.expressions.push_back({text, std::move(*expr)});
  }
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
