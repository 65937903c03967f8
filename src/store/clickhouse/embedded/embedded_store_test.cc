#include "store/clickhouse/embedded/embedded_store.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <regex>
#include <string>
#include <thread>
#include <vector>

#include "query/checker.h"
#include "query/parser.h"
#include "query/path_catalog.h"
#include "store/clickhouse/testing/sample_events.h"
#include "testing/temporary_directory.h"

namespace sightline::store {
namespace {

using testing::canonical;
using testing::hostile_events;
using testing::login_events;
using testing::sample_header;
using testing::seal;

constexpr std::int64_t kStart = 1'700'000'000'000;

class EmbeddedStoreTest : public ::testing::Test {
 protected:
  void SetUp() override { open(); }

  void open() {
    Result<std::unique_ptr<EventStore>> opened = open_embedded({.directory = directory_.path() / "events", .log = {}});
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    store_ = std::move(*opened);
  }
  void reopen() {
    store_.reset();
    open();
  }

  void append(EventBatch& batch, std::uint64_t number) {
    const std::vector<PendingBatch> pending{seal(batch, sample_header(number))};
    const Result<void> appended = store_->append(pending);
    ASSERT_TRUE(appended.has_value()) << appended.error().message;
  }

  Result<SearchResult> try_search(std::string_view text, SearchRequest request = {}) {
    const std::vector<std::string> paths = store_->attribute_paths();
    const query::SetPathCatalog catalog(paths);
    auto query = query::parse(text);
    if (!query) return fail(ErrorCode::invalid_input, query.error().message);
    if (auto checked = query::check(*query, {.catalog = &catalog, .now_ms = kStart}); !checked) {
      return fail(ErrorCode::invalid_input, checked.error().message);
    }
    request.query = &*query;
    return store_->search(request, {});
  }
  SearchResult search(std::string_view text, SearchRequest request = {}) {
    Result<SearchResult> result = try_search(text, std::move(request));
    EXPECT_TRUE(result.has_value()) << text << ": " << result.error().message;
    return result ? std::move(*result) : SearchResult{};
  }

  sightline::testing::TemporaryDirectory directory_;
  std::unique_ptr<EventStore> store_;
};

std::vector<std::string> cells(const Table& table) {
  std::vector<std::string> rows;
  for (const std::vector<Cell>& row : table.rows) {
    std::string text;
    for (const Cell& cell : row) {
      if (!text.empty()) text += '|';
      if (const auto* number = std::get_if<std::int64_t>(&cell)) {
        text += std::to_string(*number);
      } else if (const auto* bytes = std::get_if<std::string>(&cell)) {
        text += *bytes;
      } else {
        text += "null";
      }
    }
    rows.push_back(text);
  }
  return rows;
}

void expect_same(const EventBatch& stored, const EventBatch& appended) {
  ASSERT_EQ(stored.size(), appended.size());
  for (std::size_t i = 0; i < stored.size(); ++i) {
    EXPECT_EQ(canonical(stored.events()[i]), canonical(appended.events()[i])) << "event " << i;
  }
}

TEST_F(EmbeddedStoreTest, GivesBackABatchAsItWas) {
  EventBatch batch = login_events(100, kStart);
  append(batch, 1);
  const Result<EventBatch> stored = store_->read_batch(1);
  ASSERT_TRUE(stored.has_value()) << stored.error().message;
  expect_same(*stored, batch);
}

TEST_F(EmbeddedStoreTest, GivesBackHostileValuesAlsoAfterReopening) {
  EventBatch batch = hostile_events();
  append(batch, 1);
  for (int round = 0; round < 2; ++round) {
    const Result<EventBatch> stored = store_->read_batch(1);
    ASSERT_TRUE(stored.has_value()) << stored.error().message;
    expect_same(*stored, batch);
    reopen();
  }
}

TEST_F(EmbeddedStoreTest, GivesBackARangeOfBatches) {
  std::map<std::uint64_t, EventBatch> appended;
  for (const std::uint64_t number : {1, 2, 4, 5}) {
    appended[number] = login_events(static_cast<int>(10 * number), kStart);
    append(appended[number], number);
  }
  std::vector<std::uint64_t> seen;
  const Result<void> read = store_->read_batches(2, 4, [&](const StoredBatch& batch) {
    seen.push_back(batch.number);
    const EventBatch& sent = appended[batch.number];
    ASSERT_EQ(batch.events.size(), sent.size());
    for (std::size_t i = 0; i < sent.size(); ++i) {
      EXPECT_EQ(canonical(batch.events[i]), canonical(sent.events()[i]));
    }
    EXPECT_EQ(batch.oddity, "");
  });
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{2, 4}));
}

TEST_F(EmbeddedStoreTest, GivesTheLargestPage) {
  EventBatch batch = login_events(10'001, kStart);
  append(batch, 1);
  SearchRequest request;
  request.limit = 10'000;
  const SearchResult page = search("", request);
  EXPECT_EQ(page.events.size(), 10'000U);
  EXPECT_TRUE(page.next.has_value());
}

TEST_F(EmbeddedStoreTest, ReadsEventsInTheOrderAskedFor) {
  EventBatch batch = login_events(10, kStart);
  append(batch, 1);
  const std::vector<EventId> ids{batch.events()[7].id, EventId{1, 2, 3}, batch.events()[2].id};
  const Result<EventBatch> stored = store_->read_events(ids, 1);
  ASSERT_TRUE(stored.has_value()) << stored.error().message;
  ASSERT_EQ(stored->size(), 2U);
  EXPECT_EQ(canonical(stored->events()[0]), canonical(batch.events()[7]));
  EXPECT_EQ(canonical(stored->events()[1]), canonical(batch.events()[2]));
}

TEST_F(EmbeddedStoreTest, ShowsNothingAboveTheNewestBatch) {
  EventBatch first = login_events(3, kStart);
  EventBatch second = login_events(2, kStart + 1000);
  append(first, 1);
  append(second, 2);
  SearchRequest request;
  request.newest_batch = 1;
  request.cursor = Cursor{.event_time_ms = INT64_MAX, .id = {}, .newest_batch = UINT64_MAX};  // made up by a client
  EXPECT_EQ(search("", request).events.size(), 3U);
  request.limit = 1;
  EXPECT_EQ(search("", request).next.value().newest_batch, 1U);
  const std::vector<EventId> ids{second.events()[0].id, first.events()[0].id};
  EXPECT_EQ(store_->read_events(ids, 1)->size(), 1U);
  EXPECT_EQ(store_->read_events(ids, 2)->size(), 2U);
}

// A search may leave unchecked which batch an event is of only where no later batch comes meanwhile.
TEST_F(EmbeddedStoreTest, ShowsNothingAboveTheNewestBatchWhileLaterOnesCome) {
  constexpr std::uint64_t kBatches = 60;
  std::atomic<std::uint64_t> stored{0};
  std::jthread writer([&] {
    for (std::uint64_t number = 1; number <= kBatches; ++number) {
      EventBatch batch = login_events(10, kStart);
      append(batch, number);
      stored = number;
    }
  });
  SearchRequest request;
  do {
    request.newest_batch = stored;
    const auto expected = static_cast<std::size_t>(request.newest_batch) * 10;
    EXPECT_EQ(cells(search("| count", request).table.value()), std::vector<std::string>{std::to_string(expected)});
    EXPECT_EQ(search("success = true", request).events.size(), std::min<std::size_t>(expected / 2, 100));
  } while (request.newest_batch < kBatches);
}

TEST_F(EmbeddedStoreTest, ListsHeadersOfLaterBatches) {
  EventBatch first = login_events(3, kStart);
  EventBatch second = login_events(2, kStart);
  append(first, 1);
  append(second, 2);
  const Result<std::vector<BatchHeader>> headers = store_->batches_from(2);
  ASSERT_TRUE(headers.has_value()) << headers.error().message;
  ASSERT_EQ(headers->size(), 1U);
  EXPECT_EQ(headers->front().number, 2U);
  EXPECT_EQ(headers->front().key, sample_header(2).key);
  EXPECT_EQ(headers->front().body_hash, sample_header(2).body_hash);
  EXPECT_EQ(headers->front().format, "ndjson");
  EXPECT_EQ(headers->front().received_time_ms, sample_header(2).received_time_ms);
}

// Verify finds a header that was changed in some of a batch's rows.
TEST_F(EmbeddedStoreTest, ListsEveryHeaderOfABatch) {
  EventBatch first = login_events(20, kStart);
  EventBatch second = login_events(1, kStart + 1);
  BatchHeader other = sample_header(1);
  other.key.principal += "x";
  append(first, 1);
  const std::vector<PendingBatch> pending{seal(second, other)};
  ASSERT_TRUE(store_->append(pending).has_value());
  const auto headers = store_->batches_from(1);
  ASSERT_TRUE(headers.has_value()) << headers.error().message;
  ASSERT_EQ(headers->size(), 2U);
  EXPECT_NE(headers->at(0).key.principal, headers->at(1).key.principal);
}

// Searches show such rows: their numbers are below every bound.
TEST_F(EmbeddedStoreTest, ListsRowsWithoutANumber) {
  EventBatch planted = login_events(1, kStart);
  append(planted, 0);
  SearchRequest request;
  request.newest_batch = 1;
  EXPECT_EQ(search("event_type = \"login\"", request).events.size(), 1U);
  EXPECT_EQ(store_->batches_from(0)->size(), 1U);
  EXPECT_EQ(store_->batches_from(1)->size(), 0U);
}

TEST_F(EmbeddedStoreTest, PagesNewestFirstWithoutLaterBatches) {
  EventBatch batch = login_events(25, kStart);
  append(batch, 1);
  SearchRequest request;
  request.limit = 10;
  request.newest_batch = 1;
  std::vector<std::string> seen;
  for (int page = 0; page < 3; ++page) {
    SearchResult result = search("event_type = \"login\"", request);
    for (const Event& event : result.events.events()) seen.push_back(canonical(event));
    EXPECT_EQ(result.next.has_value(), page < 2);
    request.cursor = result.next;
    EventBatch later = login_events(5, kStart + 5000);
    append(later, 2 + static_cast<std::uint64_t>(page));
  }
  ASSERT_EQ(seen.size(), 25U);
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], canonical(batch.events()[24 - i]));
}

// A page without any condition looks at the newest events first; one with a condition that all satisfy does not.
TEST_F(EmbeddedStoreTest, TheNewestOfAllStayRightAsEventsComeAndGo) {
  constexpr std::int64_t kDayMs = 86'400'000;
  const auto ids = [&](std::string_view text, std::uint32_t limit, std::optional<std::int64_t> from_ms) {
    std::vector<std::string> found;
    SearchRequest request;
    request.from_ms = from_ms;
    request.limit = limit;
    const SearchResult result = search(text, request);
    for (const Event& event : result.events.events()) found.push_back(to_string(event.id));
    found.push_back(result.next ? "more" : "all");
    return found;
  };
  const auto check = [&](const char* when) {
    for (int round = 0; round < 2; ++round) {
      for (const std::uint32_t limit : {5U, 50U, 20U, 500U}) {
        for (const std::optional<std::int64_t> from_ms :
             {std::optional<std::int64_t>(), std::optional(kStart + 90'000), std::optional(kStart + 990'000)}) {
          EXPECT_EQ(ids("", limit, from_ms), ids("pid >= 0", limit, from_ms))
              << when << ", " << limit << " from " << from_ms.value_or(0);
        }
      }
    }
  };
  check("nothing there");
  EventBatch first = login_events(100, kStart);
  append(first, 1);
  check("100 events");
  EventBatch older = login_events(60, kStart - 50'000);
  append(older, 2);
  check("older ones came");
  EventBatch newer = login_events(30, kStart + 980'000);
  BatchHeader header = sample_header(3);
  header.received_time_ms += kDayMs;
  ASSERT_TRUE(store_->append(std::vector{seal(newer, header)}).has_value());
  check("newer ones came");
  ASSERT_TRUE(store_->remove_day(header.received_time_ms / kDayMs).has_value());
  check("the newest went");
  ASSERT_TRUE(store_->remove_day(kStart / kDayMs).has_value());
  check("all went");
}

TEST_F(EmbeddedStoreTest, FindsByFieldsAttributesAndFreeText) {
  EventBatch batch = login_events(30, kStart);
  append(batch, 1);
  EXPECT_EQ(search("user = \"user-3\"").events.size(), 3U);
  EXPECT_EQ(search("pid >= 25").events.size(), 5U);
  EXPECT_EQ(search("pid = 0").events.size(), 1U);
  EXPECT_EQ(search("tty = null AND group = \"wheel\"").events.size(), 10U);
  EXPECT_EQ(search("extra.note = \"note 7\"").events.size(), 1U);
  EXPECT_EQ(search("extra.number > 9.5 AND extra.number < 20").events.size(), 10U);
  EXPECT_EQ(search("\"NOTE 29\"").events.size(), 1U);
  EXPECT_EQ(search("user != \"user-3\"").events.size(), 27U);
}

// What the store knows of its values decides what it reads, never what it finds.
TEST_F(EmbeddedStoreTest, ReadsNothingWhereNoValueHasTheText) {
  EventBatch first = login_events(20, kStart);
  append(first, 1);
  for (const std::string_view absent : {"user contains \"zq\"", "user = \"user-99\"", "user = \"zq*\""}) {
    const SearchResult nothing = search(absent);
    EXPECT_EQ(nothing.events.size(), 0U) << absent;
    EXPECT_EQ(nothing.scanned_rows, 0U) << absent;
  }
  EXPECT_EQ(search("NOT user contains \"zq\"").events.size(), 20U);
  EXPECT_EQ(search("\"zq\"").events.size(), 0U);
  EXPECT_EQ(cells(search("user contains \"zq\" | count").table.value()), std::vector<std::string>{"0"});
  EventBatch second = login_events(1, kStart);
  second.events().front().add_text(FieldId::hostname, "host-ZQ");
  append(second, 2);
  EXPECT_EQ(search("\"zq\"").events.size(), 1U);
  EXPECT_EQ(search("hostname contains \"zq\"").events.size(), 0U);
  EXPECT_EQ(search("hostname contains \"ZQ\"").events.size(), 1U);
}

TEST_F(EmbeddedStoreTest, FindsTheSameWhileItLearnsItsValuesAgain) {
  EventBatch batch = login_events(20, kStart);
  batch.events().front().add_text(FieldId::event_id, "no uuid");
  append(batch, 1);
  reopen();
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(search("\"USER-3\"").events.size(), 2U);
    EXPECT_EQ(search("eventID = \"no uuid\"").events.size(), 1U);
    EXPECT_EQ(search("extra.note = \"note 3\"").events.size(), 1U);
    EXPECT_EQ(search("group = \"wheel\"").events.size(), 7U);
    EXPECT_EQ(search("\"absent\"").events.size(), 0U);
  }
}

TEST_F(EmbeddedStoreTest, MakesTables) {
  EventBatch batch = login_events(30, kStart);
  append(batch, 1);
  EXPECT_EQ(cells(*search("| count").table), (std::vector<std::string>{"30"}));
  EXPECT_EQ(cells(*search("pid < 12 | count by user").table)[0], "user-0|2");
  EXPECT_EQ(cells(*search("| count by group").table), (std::vector<std::string>{"staff|30", "wheel|10"}));
  EXPECT_EQ(cells(*search("| count by tty, success").table),
            (std::vector<std::string>{"null|false|15", "null|true|15"}));
  EXPECT_EQ(cells(*search("| top 2 user").table), (std::vector<std::string>{"user-0|3", "user-1|3"}));
  EXPECT_EQ(cells(*search("| top 2 user | sort user desc").table), (std::vector<std::string>{"user-1|3", "user-0|3"}));
  EXPECT_EQ(cells(*search("| top 3 tty").table), (std::vector<std::string>{}));
  EXPECT_EQ(cells(*search("| distinct group").table), (std::vector<std::string>{"staff", "wheel"}));
  EXPECT_EQ(cells(*search("| distinct pid | sort pid desc | limit 2").table), (std::vector<std::string>{"29", "28"}));
  EXPECT_EQ(cells(*search("pid < 2 | fields pid, group, tty").table),
            (std::vector<std::string>{"1|staff|null", "0|[\"staff\",\"wheel\"]|null"}));
  EXPECT_EQ(cells(*search("pid < 3 | histogram 2s").table),
            (std::vector<std::string>{"1700000000000|2", "1700000002000|1"}));
}

TEST_F(EmbeddedStoreTest, ManyBatchesOfOneCallAreOnePart) {
  std::vector<EventBatch> batches;
  for (int i = 0; i < 4; ++i) batches.push_back(login_events(25'000, kStart + i));
  std::vector<PendingBatch> pending;
  for (std::uint64_t i = 0; i < batches.size(); ++i) {
    BatchHeader header = sample_header(i + 1);
    header.received_time_ms += static_cast<std::int64_t>(i) * 86'400'000;  // a day each
    pending.push_back(seal(batches[i], header));
  }
  ASSERT_TRUE(store_->append(pending).has_value());
  const auto statistics = store_->statistics();
  ASSERT_TRUE(statistics.has_value());
  EXPECT_EQ(statistics->events, 100'000U);
  EXPECT_EQ(statistics->parts, 1U);
  EXPECT_GT(statistics->bytes_on_disk, 0U);
}

// Folders of parts of the events, in use or not.
std::size_t part_folders(const std::filesystem::path& directory) {
  const std::regex name(R"(\d+_\d+_\d+_\d+)");
  std::size_t count = 0;
  std::error_code gone;
  std::filesystem::recursive_directory_iterator entries(directory, gone);
  for (; !gone && entries != std::filesystem::recursive_directory_iterator(); entries.increment(gone)) {
    if (std::regex_match(entries->path().filename().string(), name)) ++count;
  }
  return count;
}

TEST_F(EmbeddedStoreTest, PartsThatMergesReplacedGoWhileTheStoreIsOpen) {
  constexpr std::size_t kBatches = 60;
  for (std::uint64_t number = 1; number <= kBatches; ++number) {
    EventBatch batch = login_events(1, kStart);
    append(batch, number);
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  const auto cleaned = [&] {
    const auto statistics = store_->statistics();
    return statistics && statistics->parts < kBatches && part_folders(directory_.path()) == statistics->parts;
  };
  while (!cleaned() && std::chrono::steady_clock::now() < deadline) ::poll(nullptr, 0, 50);
  EXPECT_TRUE(cleaned()) << part_folders(directory_.path());
  EXPECT_EQ(search("").events.size(), kBatches);
}

TEST_F(EmbeddedStoreTest, DaysOfReceiptAreRemovedWhole) {
  constexpr std::int64_t kDayMs = 86'400'000;
  for (const std::uint64_t number : {1, 2, 3}) {
    EventBatch batch = login_events(10 * static_cast<int>(number), kStart);
    BatchHeader header = sample_header(number);
    header.received_time_ms = kStart + static_cast<std::int64_t>(number / 2) * 2 * kDayMs;  // days 0, 2, 2
    const std::vector<PendingBatch> pending{seal(batch, header)};
    ASSERT_TRUE(store_->append(pending).has_value());
  }
  const auto days = store_->days();
  ASSERT_TRUE(days.has_value()) << days.error().message;
  ASSERT_EQ(days->size(), 2U);
  EXPECT_EQ(days->at(0).day, kStart / kDayMs);
  EXPECT_EQ(days->at(0).newest_batch, 1U);
  EXPECT_EQ(days->at(0).events, 10U);
  EXPECT_GT(days->at(0).bytes_on_disk, 0U);
  EXPECT_EQ(days->at(1).day, kStart / kDayMs + 2);
  EXPECT_EQ(days->at(1).newest_batch, 3U);
  EXPECT_EQ(days->at(1).events, 50U);

  ASSERT_TRUE(store_->remove_day(days->at(0).day).has_value());
  ASSERT_TRUE(store_->remove_day(days->at(0).day).has_value());  // again: nothing to do
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(store_->days()->size(), 1U);
    EXPECT_EQ(store_->read_batch(1)->size(), 0U);
    EXPECT_EQ(store_->batches_from(0)->size(), 2U);
    EXPECT_EQ(cells(*search("| count").table), (std::vector<std::string>{"50"}));
    reopen();
  }
}

TEST_F(EmbeddedStoreTest, KnowsAttributePathsAfterReopening) {
  EventBatch batch = login_events(2, kStart);
  append(batch, 1);
  reopen();
  EXPECT_EQ(store_->attribute_paths(), (std::vector<std::string>{"extra.note", "extra.number"}));
}

TEST_F(EmbeddedStoreTest, OneStoreAProcess) {
  const auto second = open_embedded({.directory = directory_.path() / "other", .log = {}});
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::conflict);
}

}  // namespace
}  // namespace sightline::store
