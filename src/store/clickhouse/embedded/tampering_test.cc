// Edits of the stored data after which every event reads back as it was, while searches pass it over.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "query/checker.h"
#include "query/parser.h"
#include "query/path_catalog.h"
#include "store/clickhouse/embedded/connection.h"
#include "store/clickhouse/embedded/embedded_store.h"
#include "store/clickhouse/testing/sample_events.h"
#include "testing/temporary_directory.h"

namespace sightline::store {
namespace {

using testing::canonical;
using ::testing::HasSubstr;
using testing::hostile_events;
using ::testing::IsEmpty;
using testing::login_events;
using testing::sample_header;
using testing::seal;
using ::testing::UnorderedElementsAre;

constexpr std::int64_t kStart = 1'700'000'000'000;

class TamperingTest : public ::testing::Test {
 protected:
  void SetUp() override { open(); }

  void open(std::size_t max_attribute_keys = 1000) {
    store_.reset();
    auto opened =
        open_embedded({.directory = directory_.path() / "events", .max_attribute_keys = max_attribute_keys, .log = {}});
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    store_ = std::move(*opened);
  }

  void append(EventBatch batch, std::uint64_t number) {
    const std::vector<PendingBatch> pending{seal(batch, sample_header(number))};
    const Result<void> appended = store_->append(pending);
    ASSERT_TRUE(appended.has_value()) << appended.error().message;
  }

  // What somebody with the engine and the directory in hand can do while the server is down.
  void edit(const std::vector<std::string>& statements) {
    store_.reset();
    {
      auto engine = clickhouse::Engine::start(directory_.path() / "events", {});
      ASSERT_TRUE(engine.has_value()) << engine.error().message;
      auto connection = (*engine)->connect();
      ASSERT_TRUE(connection.has_value()) << connection.error().message;
      for (const std::string& sql : statements) {
        const std::string settings = sql.starts_with("ALTER") ? " SETTINGS mutations_sync = 2" : "";
        const auto done = (*connection)->query(sql + settings, "RowBinary");
        ASSERT_TRUE(done.has_value()) << sql << ": " << done.error().message;
      }
    }
    open();
  }

  std::vector<std::string> gaps() {
    const auto found = store_->search_gaps();
    EXPECT_TRUE(found.has_value()) << found.error().message;
    return found ? *found : std::vector<std::string>{};
  }

  std::size_t count(std::string_view text) {
    const std::vector<std::string> paths = store_->attribute_paths();
    const query::SetPathCatalog catalog(paths);
    auto query = query::parse(text);
    EXPECT_TRUE(query && query::check(*query, {.catalog = &catalog, .now_ms = kStart})) << text;
    SearchRequest request;
    request.query = &*query;
    const auto result = store_->search(request, {});
    EXPECT_TRUE(result.has_value()) << text;
    return result ? result->events.size() : 0;
  }

  sightline::testing::TemporaryDirectory directory_;
  std::unique_ptr<EventStore> store_;
};

TEST_F(TamperingTest, NothingIsFoundWhereNothingChanged) {
  append(hostile_events(), 1);
  open(40);  // what is new from here on has no number
  append(login_events(50, kStart), 2);
  std::size_t batches = 0;
  const auto read = store_->read_batches(1, 2, [&](const StoredBatch& batch) {
    ++batches;
    EXPECT_EQ(batch.oddity, "");
  });
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(batches, 2U);
  EXPECT_THAT(gaps(), IsEmpty());
}

struct Edit {
  std::string_view set;  // of the row 3, which is not the first
  std::string_view finding;
};

constexpr Edit kEdits[] = {
    {"actor_group = replaceOne(actor_group, 'user-3', concat('\\x00', 'user-3'))",
     "event 3: a value in the column user has another form than it is written in"},
    {"action_group = replaceOne(action_group, '\\x01', '\\x03')",
     "event 3: a value in the column success has another form than it is written in"},
    {"action_group = replaceOne(action_group, '\\x01', '\\x01\\x01')",
     "event 3: a value in the column success has another form than it is written in"},
    {"action_group = concat(action_group, repeat('\\x1f', 6), '\\x00', 'AccessDenied', '\\x1f')",
     "event 3: a value in the column read_only has another form than it is written in"},
    {"action_group = concat(action_group, '\\x1f')",
     "event 3: a value in the column action_group has another form than it is written in"},
    {"action_group = concat(action_group, repeat('\\x1f', 40), 'beyond', '\\x1f')",
     "event 3: a value in the column action_group has another form than it is written in"},
    {"structure = concat(substringIndex(structure, '\\xff', 2), '\\xff\\x02\\x01\\x00')",
     "event 3: its layout does not say which fields it has"},
    {"structure = concat(substring(structure, 1, 8), structure)",
     "event 3: the column words has 2 values for keys of 16 bytes"},
    {"structure = concat(substring(structure, 5, 4), substring(structure, 1, 4), substring(structure, 9)), "
     "words = arrayReverse(words)",
     "event 3: the keys of the column words are not in order"},
    {"structure = concat(replaceAll(substring(structure, 1, 8), '\\x80', '\\x00'), substring(structure, 9))",
     "event 3: the keys of the column words are not in order"},
    {"actor_group = '', extra_keys = ['user'], extra_texts = ['user-3']",
     "event 3: an extra value of user stands where the column has none"},
    {"extra_keys = ['nobody'], extra_texts = ['x']", "event 3: an extra value belongs to nobody, which has none"},
    {"extra_texts = ['x']", "event 3: 1 extra values have 0 names"},
    {"literals = ['x']", "event 3: its original is there in two ways"},
};

TEST_F(TamperingTest, RowsInAnotherFormAreFound) {
  std::uint64_t number = 0;
  std::vector<std::string> statements;
  for (const Edit& edit : kEdits) {
    append(login_events(6, kStart), ++number);
    statements.push_back(
        fmt::format("ALTER TABLE sightline.events UPDATE {} WHERE reinterpretAsUInt64(substring(batch, 13, 8)) = {} "
                    "AND batch_row = 3",
                    edit.set, number));
  }
  EXPECT_EQ(count("user = 'user-3'"), number);
  edit(statements);
  EXPECT_LT(count("user = 'user-3'"), number);
  std::vector<std::string> found;
  const auto read = store_->read_batches(1, number, [&](const StoredBatch& batch) {
    found.push_back(batch.oddity);
    EventBatch sent = login_events(batch.events.size(), kStart);
    seal(sent, sample_header(batch.number));
    EXPECT_EQ(canonical(batch.events[3]), canonical(sent.events()[3])) << batch.oddity;
  });
  ASSERT_TRUE(read.has_value()) << read.error().message;
  std::vector<std::string> expected;
  for (const Edit& edit : kEdits) expected.emplace_back(edit.finding);
  EXPECT_EQ(found, expected);
}

TEST_F(TamperingTest, AnEventThatDoesNotSayHowItIsBuiltIsNotGiven) {
  append(login_events(6, kStart), 1);
  edit({"ALTER TABLE sightline.events UPDATE structure = substring(structure, 1, 9) WHERE batch_row = 3"});
  auto query = query::parse("user = 'user-3'");
  ASSERT_TRUE(query && query::check(*query, {.catalog = nullptr, .now_ms = kStart}));
  SearchRequest request;
  request.query = &*query;
  const auto result = store_->search(request, {});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::corrupt);
  std::string oddity;
  const auto read = store_->read_batches(1, 1, [&](const StoredBatch& batch) { oddity = batch.oddity; });
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(oddity, "event 3: a value in the column structure has another form than it is written in");
}

TEST_F(TamperingTest, EveryMissingNameIsFound) {
  EventBatch batch = login_events(6, kStart);
  for (Event& event : batch.events()) {
    event.add_text(FieldId::user, "second");
    event.add_attribute("extra.note", Attribute::Kind::text, "another");
    event.add_attribute("extra.long", Attribute::Kind::text, batch.arena().copy(std::string(600, 'x')));
  }
  append(std::move(batch), 1);
  append(login_events(6, kStart), 2);
  open(3);
  EventBatch more = login_events(1, kStart);
  more.events()[0].add_attribute("without.number", Attribute::Kind::text, "x");
  append(std::move(more), 3);
  EXPECT_THAT(gaps(), IsEmpty());
  EXPECT_EQ(count("extra.note = 'another'"), 6U);

  edit(
      {"ALTER TABLE sightline.names DELETE WHERE (kind = 'filled' AND name = 'pid') OR kind = 'repeated' OR "
       "kind = 'several' OR kind = 'unnumbered' OR (kind = 'words' AND number = 0) OR (kind = 'texts' AND number = "
       "2)"});
  EXPECT_EQ(count("extra.note = 'another'"), 0U);
  EXPECT_THAT(gaps(), UnorderedElementsAre(HasSubstr("have values of pid, which"),
                                           HasSubstr("have further values of user, which"),
                                           HasSubstr("several values of extra.note, which"),
                                           HasSubstr("attributes without a number, which"),
                                           HasSubstr("values of extra.note stand in the column words, which"),
                                           HasSubstr("values of extra.long stand in the column texts, which")));
}

TEST_F(TamperingTest, NamesThatSearchesDoNotLookForAreFound) {
  append(login_events(6, kStart), 1);
  edit({"INSERT INTO sightline.names SELECT kind, name, 7 FROM sightline.names WHERE kind = 'key' AND number = 0",
        "INSERT INTO sightline.names VALUES ('key', 'also', 1)",
        "INSERT INTO sightline.names VALUES ('key', concat('odd', unhex('02')), 8)"});
  EXPECT_THAT(gaps(),
              UnorderedElementsAre(HasSubstr("extra.note has two numbers"), HasSubstr("path odd has another form"),
                                   HasSubstr("1 numbers have two paths each")));
}

}  // namespace
}  // namespace sightline::store
