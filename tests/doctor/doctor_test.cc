// sightlined doctor, as an operator uses it.
#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <map>

#include "harness/program.h"
#include "store/clickhouse/embedded/connection.h"
#include "testing/temporary_directory.h"

namespace sightline::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class Doctor : public ::testing::Test {
 protected:
  void SetUp() override {
    server_ = std::make_unique<ServerProcess>(data());
    ingest(1'600'362'902'289);
  }

  fs::path data() const { return directory_.path() / "data"; }
  void ingest(std::int64_t first_ms) const {
    std::string events;
    for (int i = 0; i < 20'000; ++i) {
      events += fmt::format("{{\"event_time\":{},\"user\":\"u{}\",\"arguments\":\"run {:x}\"}}\n", first_ms + i, i % 5,
                            static_cast<std::uint64_t>(i) * 0x9e3779b97f4a7c15);
    }
    const Outcome sent = run_program({program("sightline").string(), "ingest", "--format", "ndjson", "-"},
                                     server_->client_environment(), events);
    ASSERT_EQ(sent.exit_code, 0) << sent.err;
  }
  Outcome look(std::vector<std::string> more = {}) const {
    std::vector<std::string> command = {program("sightlined").string(), "doctor", "--data", data().string()};
    command.insert(command.end(), more.begin(), more.end());
    return run_program(command);
  }
  // By check, "HEALTH text -> advice".
  std::map<std::string, std::string> diagnoses() const {
    const Outcome looked = look({"--json"});
    const boost::json::value report = boost::json::parse(looked.out);
    std::map<std::string, std::string> found;
    for (const auto& value : report.at("checks").as_array()) {
      const auto text = [&](const char* name) { return std::string(value.at(name).as_string()); };
      found[text("check")] = text("health") + " " + text("text") + " -> " + text("advice");
    }
    return found;
  }
  // Another byte in the middle of each: parts that were merged are there for a while, and nobody looks at them.
  void damage_columns() const {
    std::size_t damaged = 0;
    for (const auto& entry : fs::recursive_directory_iterator(data() / "events")) {
      if (entry.path().extension() != ".bin" || entry.file_size() < 1000) continue;
      std::fstream stream(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
      const auto middle = static_cast<std::streamoff>(entry.file_size() / 2);
      stream.seekg(middle);
      const int byte = stream.get();
      stream.seekp(middle);
      stream.put(static_cast<char>(byte ^ 1));
      ++damaged;
    }
    ASSERT_GT(damaged, 0U);
  }
  std::map<std::string, fs::file_time_type> files() const {
    std::map<std::string, fs::file_time_type> times;
    for (const auto& entry : fs::recursive_directory_iterator(data())) {
      if (entry.is_regular_file() && !entry.is_symlink()) times[entry.path().string()] = entry.last_write_time();
    }
    return times;
  }

  TemporaryDirectory directory_;
  std::unique_ptr<ServerProcess> server_;
};

TEST_F(Doctor, FindsNothingWhereAllIsWellBesideAServerToo) {
  const Outcome running = look();
  EXPECT_EQ(running.exit_code, 0) << running.out;
  EXPECT_THAT(running.out, HasSubstr("in use by sightlined serve, process"));
  EXPECT_THAT(running.out, HasSubstr("20000 events, every part of 3 tables sound"));
  EXPECT_EQ(server_->stop(), 0);
  const Outcome stopped = look();
  EXPECT_EQ(stopped.exit_code, 0) << stopped.out;
  EXPECT_THAT(stopped.out, HasSubstr("not in use"));
}

TEST_F(Doctor, ChangesNothing) {
  EXPECT_EQ(server_->stop(), 0);
  look();  // makes DIR/gate where no server made it
  const auto before = files();
  EXPECT_EQ(look().exit_code, 0);
  EXPECT_EQ(files(), before);
  EXPECT_FALSE(fs::exists(data() / "snapshots"));
}

TEST_F(Doctor, NamesTheFileThatOthersMayRead) {
  fs::permissions(data() / "control.db", fs::perms::others_read, fs::perm_options::add);
  EXPECT_EQ(look().exit_code, 1);
  EXPECT_THAT(diagnoses().at("permissions"), HasSubstr("control.db -> chmod -R go-rwx"));
  EXPECT_EQ(server_->stop(), 0);
}

TEST_F(Doctor, FindsADamagedPart) {
  EXPECT_EQ(server_->stop(), 0);
  damage_columns();
  EXPECT_EQ(look().exit_code, 1);
  EXPECT_THAT(diagnoses().at("event store"), HasSubstr("problem events: "));
}

TEST_F(Doctor, FindsADamagedControlDatabase) {
  EXPECT_EQ(server_->stop(), 0);
  {
    SQLite::Database connection((data() / "control.db").string(), SQLite::OPEN_READWRITE);
    connection.exec("PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'alerts_by_time'");
  }
  EXPECT_EQ(look().exit_code, 1);
  EXPECT_THAT(diagnoses().at("control database"), HasSubstr("problem "));
}

TEST_F(Doctor, ExplainsANewerFormatAndACutChain) {
  EXPECT_EQ(server_->stop(), 0);
  SQLite::Database connection((data() / "control.db").string(), SQLite::OPEN_READWRITE);
  connection.exec("DROP TRIGGER audit_log_stays; DELETE FROM audit_log");
  EXPECT_THAT(diagnoses().at("chain"), HasSubstr("its end was cut off"));
  connection.exec("PRAGMA user_version = 99");
  EXPECT_EQ(look().exit_code, 1);
  EXPECT_THAT(diagnoses().at("databases"), HasSubstr("schema version 99"));
}

TEST_F(Doctor, ANewerEventStoreIsNotLookedInto) {
  EXPECT_EQ(server_->stop(), 0);
  {
    auto engine = store::clickhouse::Engine::start((data() / "events").string(), {});
    ASSERT_TRUE(engine) << engine.error().message;
    const auto connection = (*engine)->connect();
    ASSERT_TRUE(connection) << connection.error().message;
    ASSERT_TRUE((*connection)->query("INSERT INTO sightline.schema_version SELECT 99, now()", "TSV"));
  }
  EXPECT_EQ(look().exit_code, 1);
  const auto found = diagnoses();
  EXPECT_THAT(found.at("store version"), HasSubstr("problem schema version 99"));
  EXPECT_FALSE(found.contains("event times"));
}

TEST_F(Doctor, AnEventFromTheFutureIsAWarning) {
  ingest(4'000'000'000'000);
  EXPECT_EQ(look().exit_code, 0);
  EXPECT_THAT(diagnoses().at("event times"), HasSubstr("warning the newest event is of 2096-10-02"));
  EXPECT_EQ(server_->stop(), 0);
}

TEST_F(Doctor, SaysWhatIsLeftOver) {
  fs::create_directories(data() / "snapshots/killed");
  EXPECT_THAT(diagnoses().at("leftovers"), HasSubstr("warning 1 snapshots"));
  fs::create_directories(data() / "events/store/detached/broken-on-start_1_1_0");
  std::ofstream(data() / "unfinished-restore") << "x";
  EXPECT_EQ(look().exit_code, 1);
  EXPECT_THAT(diagnoses().at("leftovers"), HasSubstr("broken-on-start_1_1_0"));
  EXPECT_THAT(diagnoses().at("restore"), HasSubstr("restore again"));
  EXPECT_EQ(server_->stop(), 0);
}

TEST_F(Doctor, KnowsItsWayAround) {
  EXPECT_EQ(server_->stop(), 0);
  EXPECT_EQ(run_program({program("sightlined").string(), "doctor", "--data", "/nonexistent"}).exit_code, 3);
  EXPECT_EQ(run_program({program("sightlined").string(), "doctor"}).exit_code, 2);
  const Outcome elsewhere =
      run_program({program("sightlined").string(), "doctor", "--data", directory_.path().string()});
  EXPECT_EQ(elsewhere.exit_code, 1);
  EXPECT_THAT(elsewhere.out, HasSubstr("no control.db"));
  const Outcome certificate = look({"--tls-cert", "/nonexistent", "--tls-key", "/nonexistent"});
  EXPECT_EQ(certificate.exit_code, 1);
  EXPECT_THAT(certificate.out, HasSubstr("certificate"));
}

}  // namespace
}  // namespace sightline::testing
