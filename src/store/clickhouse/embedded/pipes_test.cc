// Tables and sorted pages against the oracle in memory.
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "query/checker.h"
#include "query/parser.h"
#include "query/path_catalog.h"
#include "store/clickhouse/embedded/embedded_store.h"
#include "store/clickhouse/testing/sample_events.h"
#include "store/testing/pipe_oracle.h"
#include "testing/temporary_directory.h"

namespace sightline::store {
namespace {

constexpr std::int64_t kStart = 1'700'000'000'000;

// Few different values, of fields that have one value by their schema, too, sometimes several.
EventBatch random_events(std::uint64_t seed, std::size_t count) {
  std::mt19937_64 random(seed);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  const std::array<std::int64_t, 7> integers{-20, -3, 0, 7, 10, 80, INT64_MAX};
  const std::vector<std::string> texts{"", std::string(1, '\0'), "\1x", "10", "9", "-3", "-20", "-0", "007", "a", "B",
                                       "é"};
  const std::vector<std::string> decimals{"0", "-1", "-1.5", "-1.55", "-10",
                                          "2", "10", "9.75", "9.7",   "123456789012345678901"};
  EventBatch batch;
  for (std::size_t i = 0; i < count; ++i) {
    Event& event = batch.add();
    event.event_time_ms = kStart + static_cast<std::int64_t>(below(5));
    event.original = "x";
    for (const FieldId field : {FieldId::pid, FieldId::src_port, FieldId::dst_port}) {
      for (std::size_t n = below(3); n > 0; --n) event.add_integer(field, integers.at(below(integers.size())));
    }
    for (const FieldId field : {FieldId::user, FieldId::object_ref_name, FieldId::group, FieldId::args}) {
      for (std::size_t n = below(3); n > 0; --n)
        event.add_text(field, batch.arena().copy(texts.at(below(texts.size()))));
    }
    for (std::size_t n = below(2); n > 0; --n) event.add_boolean(FieldId::success, below(2) == 0);
    for (const char* path : {"name", "port", "a.b"}) {
      for (std::size_t n = below(3); n > 0; --n) {
        const bool number = below(2) == 0;
        const auto& values = number ? decimals : texts;
        event.add_attribute(path, number ? Attribute::Kind::number : Attribute::Kind::text,
                            batch.arena().copy(values.at(below(values.size()))));
      }
    }
  }
  return batch;
}

std::vector<std::string> lines_of(const Table& table) {
  std::vector<std::string> lines;
  for (const std::vector<Cell>& row : table.rows) {
    std::string line;
    for (const Cell& cell : row) {
      if (!line.empty()) line += '|';
      if (const auto* number = std::get_if<std::int64_t>(&cell)) {
        line += std::to_string(*number);
      } else if (const auto* text = std::get_if<std::string>(&cell)) {
        line += *text;
      } else {
        line += "null";
      }
    }
    lines.push_back(line);
  }
  return lines;
}

class PipesTest : public ::testing::Test {
 protected:
  void store_events(std::uint64_t seed, std::size_t max_keys = 1000) {
    Result<std::unique_ptr<EventStore>> opened =
        open_embedded({.directory = directory_.path() / "events", .max_attribute_keys = max_keys, .log = {}});
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    store_ = std::move(*opened);
    events_ = random_events(seed, 120);
    const std::array<PendingBatch, 1> pending{testing::seal(events_, testing::sample_header(1))};
    ASSERT_TRUE(store_->append(pending).has_value());
  }
  query::Query parse(std::string_view text) {
    const std::vector<std::string> paths{"name", "port", "a.b"};
    const query::SetPathCatalog catalog(paths);
    auto query = query::parse(text);
    EXPECT_TRUE(query.has_value()) << text;
    EXPECT_TRUE(query::check(*query, {.catalog = &catalog, .now_ms = kStart}).has_value()) << text;
    return std::move(*query);
  }
  void expect_tables() {
    for (const char* text : {"| count by pid",
                             "| count by user",
                             "| count by port",
                             "| count by name",
                             "| count by a.b",
                             "| count by success",
                             "| count by group",
                             "| count by user, pid",
                             "| count by group, port",
                             "| count by name, objectRef.name",
                             "| count by port, src_port",
                             "| count by process.pid, pid",
                             "| count by process.args, args",
                             "| top 3 pid",
                             "| top 4 port",
                             "| top 5 user",
                             "| top 100 a.b",
                             "| top 4 name",
                             "| distinct pid",
                             "| distinct port",
                             "| distinct user",
                             "| distinct a.b",
                             "| distinct name",
                             "| distinct event_time",
                             "| distinct args",
                             "| count by a.b | sort a.b desc",
                             "| top 5 port | sort port",
                             "| distinct pid | sort pid desc | limit 3",
                             "| count by user | sort user | limit 4",
                             "| count by group, a.b | sort count"}) {
      const query::Query query = parse(text);
      SearchRequest request;
      request.query = &query;
      const Result<SearchResult> found = store_->search(request, {});
      ASSERT_TRUE(found.has_value()) << text << ": " << found.error().message;
      EXPECT_EQ(lines_of(*found->table), testing::expected_rows(events_, query)) << text;
    }
  }
  void expect_pages(std::string_view text, std::uint32_t page_size) {
    const query::Query query = parse(text);
    const auto* sort = std::get_if<query::SortStage>(&query.stages.front().node);
    std::vector<std::string> expected = testing::expected_order(events_, *sort);
    if (query.stages.size() > 1) expected.resize(std::get<query::LimitStage>(query.stages[1].node).limit);
    std::vector<std::string> ids;
    SearchRequest request;
    request.query = &query;
    request.limit = page_size;
    do {
      const Result<SearchResult> found = store_->search(request, {});
      ASSERT_TRUE(found.has_value()) << text << ": " << found.error().message;
      for (const Event& event : found->events.events()) ids.push_back(to_string(event.id));
      request.cursor = found->next;
    } while (request.cursor && ids.size() < 1000);
    EXPECT_EQ(ids, expected) << text;
  }

  sightline::testing::TemporaryDirectory directory_;
  std::unique_ptr<EventStore> store_;
  EventBatch events_;
};

TEST_F(PipesTest, TablesAreThoseOfTheEvents) {
  store_events(1);
  expect_tables();
}

TEST_F(PipesTest, SortedPagesJoinToTheWhole) {
  store_events(2);
  for (const char* text :
       {"| sort pid", "| sort pid desc", "| sort a.b", "| sort a.b desc", "| sort user", "| sort name desc",
        "| sort port", "| sort event_time", "| sort a.b | limit 45", "| sort pid desc | limit 100"}) {
    expect_pages(text, 50);
  }
  expect_pages("| sort a.b", 7);
}

// Paths beyond those that get a number are kept under their names, and found.
TEST_F(PipesTest, PathsWithoutANumberAnswerTheSame) {
  store_events(3, 2);
  EXPECT_FALSE(store_->knows_all_paths());
  EXPECT_GT(store_->counters().unnumbered_attributes, 0U);
  expect_tables();
  expect_pages("| sort a.b desc", 50);
  const Result<EventBatch> stored = store_->read_batch(1);
  ASSERT_TRUE(stored.has_value()) << stored.error().message;
  for (std::size_t i = 0; i < events_.size(); ++i) {
    EXPECT_EQ(testing::canonical(stored->events()[i]), testing::canonical(events_.events()[i])) << i;
  }
  store_.reset();
  Result<std::unique_ptr<EventStore>> again = open_embedded({.directory = directory_.path() / "events", .log = {}});
  ASSERT_TRUE(again.has_value()) << again.error().message;
  store_ = std::move(*again);
  EXPECT_FALSE(store_->knows_all_paths());
  expect_tables();
}

// The text of a path may have a number and its numbers none: their order is that of the event.
TEST_F(PipesTest, MixedValuesKeepTheirOrderWhereOneKindHasNoNumber) {
  for (const std::size_t max_keys : {1, 3, 5}) {
    store_.reset();
    std::filesystem::remove_all(directory_.path() / "events");
    store_events(6, max_keys);
    const Result<EventBatch> stored = store_->read_batch(1);
    ASSERT_TRUE(stored.has_value()) << stored.error().message;
    for (std::size_t i = 0; i < events_.size(); ++i) {
      EXPECT_EQ(testing::canonical(stored->events()[i]), testing::canonical(events_.events()[i])) << i;
    }
  }
}

TEST_F(PipesTest, LimitCountsOverPages) {
  store_events(4);
  const query::Query query = parse("| limit 70");
  SearchRequest request;
  request.query = &query;
  request.limit = 50;
  const Result<SearchResult> first = store_->search(request, {});
  ASSERT_TRUE(first.has_value() && first->next);
  EXPECT_EQ(first->events.size(), 50U);
  request.cursor = first->next;
  const Result<SearchResult> second = store_->search(request, {});
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->events.size(), 20U);
  EXPECT_FALSE(second->next.has_value());
}

TEST_F(PipesTest, MoreGroupsThanFitTheMemoryAreCountedOnDisk) {
  store_events(6);
  EventBatch many;
  for (int i = 0; i < 700'000; ++i) {
    Event& event = many.add();
    event.event_time_ms = kStart;
    event.original = "x";
    event.add_text(FieldId::request_id, many.arena().copy("request " + std::to_string(100'000 + i)));
  }
  const std::array<PendingBatch, 1> pending{testing::seal(many, testing::sample_header(2))};
  ASSERT_TRUE(store_->append(pending).has_value());
  const query::Query query = parse("| top 2 requestID");
  SearchRequest request;
  request.query = &query;
  request.limits.memory_bytes = 48ULL << 20;
  const Result<SearchResult> found = store_->search(request, {});
  ASSERT_TRUE(found.has_value()) << found.error().message;
  EXPECT_EQ(lines_of(*found->table), (std::vector<std::string>{"request 100000|1", "request 100001|1"}));
}

TEST_F(PipesTest, RefusesWhatCannotBeAnswered) {
  store_events(5);
  const query::Query table = parse("| count by user");
  SearchRequest request;
  request.query = &table;
  request.cursor = Cursor{};
  Result<SearchResult> refused = store_->search(request, {});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_input);

  const query::Query all = parse("");
  request = {};
  request.query = &all;
  request.time_zone = "Nowhere/Town";
  refused = store_->search(request, {});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_input);
  EXPECT_NE(refused.error().message.find("Nowhere/Town"), std::string::npos);
  request.time_zone = "Europe/Berlin";
  EXPECT_TRUE(store_->search(request, {}).has_value());

  request.limits.result_bytes = 1000;
  refused = store_->search(request, {});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::too_large);
  EXPECT_TRUE(store_
                  ->search(
                      [&] {
                        request.limit = 1;
                        return request;
                      }(),
                      {})
                  .has_value());
}

}  // namespace
}  // namespace sightline::store
