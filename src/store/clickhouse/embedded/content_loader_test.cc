#include "store/clickhouse/embedded/content_loader.h"

#include <gtest/gtest.h>

#include <array>

#include "store/clickhouse/embedded/embedded_store.h"
#include "store/clickhouse/embedded/names.h"
#include "store/clickhouse/testing/sample_events.h"
#include "testing/temporary_directory.h"

namespace sightline::store::clickhouse {
namespace {

// Writes two batches received on different days, of events with a value of every kind of column.
void write_store(const std::string& directory) {
  Result<std::unique_ptr<EventStore>> store = open_embedded({.directory = directory, .log = {}});
  ASSERT_TRUE(store.has_value()) << store.error().message;
  for (std::uint64_t number : {1U, 2U}) {
    EventBatch batch = testing::login_events(30, 1'700'000'000'000);
    Event& event = batch.events().front();
    event.add_text(FieldId::event_id, number == 1 ? "id one" : "id two");
    event.add_text(FieldId::bucket_name, number == 1 ? "bucket-1" : "bucket-2");
    BatchHeader header = testing::sample_header(number);
    header.received_time_ms += static_cast<std::int64_t>(number) * 86'400'000;
    const std::array<PendingBatch, 1> pending{testing::seal(batch, header)};
    ASSERT_TRUE((*store)->append(pending).has_value());
  }
}

TEST(ContentLoader, ReadsEveryColumnOfEveryDay) {
  const sightline::testing::TemporaryDirectory directory;
  const std::string path = directory.path() / "events";
  ASSERT_NO_FATAL_FAILURE(write_store(path));
  Result<std::unique_ptr<Engine>> engine = Engine::start(path, {});
  ASSERT_TRUE(engine.has_value()) << engine.error().message;
  Result<std::unique_ptr<Connection>> connection = (*engine)->connect();
  ASSERT_TRUE(connection.has_value());
  Names names;
  ASSERT_TRUE(names.load(**connection).has_value());

  Vocabulary vocabulary;
  EXPECT_FALSE(load_vocabulary(**connection, *names.content(), vocabulary,
                               [] {
                                 std::stop_source stopped;
                                 stopped.request_stop();
                                 return stopped.get_token();
                               }())
                   .has_value());
  EXPECT_TRUE(vocabulary.may_hold("actor_group", "nobody"));

  EXPECT_EQ(load_newest_batch(**connection, {}).value(), 2U);
  const Result<void> loaded = load_vocabulary(**connection, *names.content(), vocabulary, {});
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  struct Expected {
    std::string_view column, present, absent;
  };
  for (const Expected& expected :
       {Expected{"actor_group", "user-9", "nobody"}, Expected{"group", "wheel", "nobody"},
        Expected{"bucket_name", "bucket-1", "bucket-3"}, Expected{"bucket_name", "bucket-2", "bucket-3"},
        Expected{"event_id", "id one", "id three"}, Expected{"event_id", "id two", "id three"},
        Expected{"words", "", "nobody"}, Expected{"host_group", "", "nobody"}}) {
    EXPECT_TRUE(vocabulary.may_hold(expected.column, expected.present)) << expected.present;
    EXPECT_FALSE(vocabulary.may_hold(expected.column, expected.absent)) << expected.absent;
  }
}

}  // namespace
}  // namespace sightline::store::clickhouse
