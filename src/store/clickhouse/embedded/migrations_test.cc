#include "store/clickhouse/embedded/migrations.h"

#include <gtest/gtest.h>

#include <memory>
#include <stop_token>
#include <string>

#include "store/clickhouse/embedded/embedded_store.h"
#include "store/clickhouse/embedded/store_check.h"
#include "store/clickhouse/schema.h"
#include "testing/temporary_directory.h"

namespace sightline::store {
namespace {

using namespace clickhouse;

class MigrationsTest : public ::testing::Test {
 protected:
  // Runs statements on the store's directory while no store is open.
  void prepare(std::initializer_list<std::string> statements) {
    Result<std::unique_ptr<Engine>> engine = Engine::start(directory_.path() / "events", {});
    ASSERT_TRUE(engine.has_value()) << engine.error().message;
    Result<std::unique_ptr<Connection>> connection = (*engine)->connect();
    ASSERT_TRUE(connection.has_value()) << connection.error().message;
    for (const std::string& sql : statements) {
      const Result<QueryOutput> done = (*connection)->query(sql, "RowBinary");
      ASSERT_TRUE(done.has_value()) << sql << ": " << done.error().message;
    }
  }
  Error open_error() {
    const auto store = open_embedded({.directory = directory_.path() / "events", .log = {}});
    return store ? Error{ErrorCode::internal, "it opened"} : store.error();
  }
  void make_store() {
    const auto store = open_embedded({.directory = directory_.path() / "events", .log = {}});
    ASSERT_TRUE(store.has_value()) << store.error().message;
  }

  sightline::testing::TemporaryDirectory directory_;
};

TEST_F(MigrationsTest, OpensAgainWhatItMade) {
  make_store();
  make_store();
}

TEST_F(MigrationsTest, TakesTheStatisticsOffAStoreOfVersion4) {
  constexpr std::string_view kSetting = "auto_statistics_types = '', ";
  std::string of_version_4 = create_events_table();
  ASSERT_NE(of_version_4.find(kSetting), std::string::npos);
  of_version_4.erase(of_version_4.find(kSetting), kSetting.size());
  prepare({"CREATE DATABASE sightline ENGINE = Atomic", create_version_table(), of_version_4, create_names_table(),
           "INSERT INTO sightline.schema_version SELECT 4, now()"});
  make_store();
  prepare({"SELECT throwIf(max(version) != 6) FROM sightline.schema_version",
           "SELECT throwIf(count() != 1) FROM system.tables WHERE database = 'sightline' AND name = 'events' AND "
           "create_table_query LIKE '%auto_statistics_types = \\'\\'%'"});
}

TEST_F(MigrationsTest, ReplacesTheFiltersOfIdsOfAStoreOfVersion5) {
  constexpr std::string_view kNow = "bloom_filter(0.001) GRANULARITY 8";
  std::string of_version_5 = create_events_table();
  for (int id = 0; id < 2; ++id) {
    ASSERT_NE(of_version_5.find(kNow), std::string::npos);
    of_version_5.replace(of_version_5.find(kNow), kNow.size(), "bloom_filter(0.01) GRANULARITY 1");
  }
  prepare({"CREATE DATABASE sightline ENGINE = Atomic", create_version_table(), of_version_5, create_names_table(),
           "INSERT INTO sightline.schema_version SELECT 5, now()",
           "INSERT INTO sightline.events (event_time, event_id, request_id) SELECT number, toString(number), 'r' FROM "
           "numbers(5000)"});
  make_store();
  prepare(
      {"SELECT throwIf(max(version) != 6) FROM sightline.schema_version",
       "SELECT throwIf(count() != 2) FROM system.data_skipping_indices WHERE table = 'events' AND granularity = 8 AND "
       "type_full = 'bloom_filter(0.001)'",
       // Waits for the filters that are still to be made.
       "ALTER TABLE sightline.events MATERIALIZE INDEX event_id_index SETTINGS mutations_sync = 2",
       "SELECT throwIf(count() != 2) FROM system.data_skipping_indices WHERE table = 'events' AND granularity = 8 AND "
       "data_compressed_bytes > 0"});
}

TEST_F(MigrationsTest, RefusesAnOlderLayout) {
  prepare({"CREATE DATABASE sightline ENGINE = Atomic", create_version_table(),
           "INSERT INTO sightline.schema_version SELECT 1, now()"});
  const Error error = open_error();
  EXPECT_EQ(error.code, ErrorCode::conflict);
  EXPECT_NE(error.message.find("schema version 1"), std::string::npos) << error.message;
  EXPECT_NE(error.message.find("empty data directory"), std::string::npos) << error.message;
}

TEST_F(MigrationsTest, RefusesANewerLayout) {
  make_store();
  prepare({"INSERT INTO sightline.schema_version SELECT 1000, now()"});
  const Error error = open_error();
  EXPECT_EQ(error.code, ErrorCode::conflict);
  EXPECT_NE(error.message.find("1000"), std::string::npos) << error.message;
}

// A newer layout may be sound in ways that this program takes for damage.
TEST_F(MigrationsTest, ACheckTellsTheVersionOfANewerLayoutAndLooksNoFurther) {
  make_store();
  prepare({"INSERT INTO sightline.schema_version SELECT 1000, now()", "DROP TABLE sightline.names"});
  const auto check = check_embedded(directory_.path() / "events", {});
  ASSERT_TRUE(check.has_value()) << check.error().message;
  EXPECT_EQ(check->schema_version, 1000U);
  EXPECT_TRUE(check->damage.empty());
}

TEST_F(MigrationsTest, ACheckStops) {
  make_store();
  std::stop_source stop;
  EXPECT_TRUE(check_embedded(directory_.path() / "events", stop.get_token()).has_value());
  stop.request_stop();
  const auto check = check_embedded(directory_.path() / "events", stop.get_token());
  ASSERT_FALSE(check.has_value());
  EXPECT_EQ(check.error().code, ErrorCode::cancelled);
}

TEST_F(MigrationsTest, RefusesFieldsThatHadAnotherNumber) {
  make_store();
  prepare({"INSERT INTO sightline.names (kind, name, number) VALUES ('filled', 'user', 250)"});
  const Error error = open_error();
  EXPECT_EQ(error.code, ErrorCode::conflict);
  EXPECT_NE(error.message.find("user"), std::string::npos) << error.message;
}

}  // namespace
}  // namespace sightline::store
