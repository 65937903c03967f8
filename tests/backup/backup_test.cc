// sightlined backup and restore, as an operator uses them.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <random>
#include <thread>

#include "harness/program.h"
#include "testing/raw_http.h"
#include "testing/temporary_directory.h"

namespace sightline::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr std::string_view kRule =
    "id: intruder-seen\n"
    "title: '{{user}} on {{hostname}}'\n"
    "description: An intruder.\n"
    "severity: 1\n"
    "filter: user = \"intruder\"\n"
    "tags: [test]\n"
    "references: []\n"
    "tests:\n"
    "  - name: fires\n"
    "    fires: true\n"
    "    format: ndjson\n"
    "    input: '{\"event_time\":1600362902289,\"event_type\":\"login\",\"user\":\"intruder\"}'\n";

// Events whose arguments do not compress, some by the intruder, and a line that is no event.
std::string telemetry(unsigned seed, int events) {
  std::mt19937_64 random(seed);
  std::string text;
  for (int i = 0; i < events; ++i) {
    text += fmt::format(
        R"({{"event_time":{},"event_type":"audit","user":"{}","hostname":"web-{}","arguments":"run {:x}{:x}{:x}"}})",
        1600362902289 + i, i % 1'000 == 17 ? "intruder" : "ubuntu", i % 7, random(), random(), random());
    text += '\n';
  }
  return text + "{\"event_time\":\n";
}

std::uint64_t bytes_linked_once(const fs::path& directory) {
  std::uint64_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    struct stat status{};
    if (::lstat(entry.path().c_str(), &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 1) {
      bytes += static_cast<std::uint64_t>(status.st_size);
    }
  }
  return bytes;
}

class Backup : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(directory_.path() / "server");
    fs::create_directories(directory_.path() / "rules");
    std::ofstream(directory_.path() / "rules/intruder.yaml") << kRule;
    start(data());
    token_ = server_->token();
  }

  std::string data() const { return (directory_.path() / "server/data").string(); }
  std::string target() const { return (directory_.path() / "backups").string(); }
  std::string restored() const { return (directory_.path() / "restored/data").string(); }

  void start(const fs::path& at) {
    server_ = std::make_unique<ServerProcess>(
        at, std::vector<std::string>{"--rules", (directory_.path() / "rules").string()});
  }
  static Outcome sightlined(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), program("sightlined").string());
    return run_program(arguments);
  }
  Outcome sightline(std::vector<std::string> arguments, const std::string& input = "") const {
    arguments.insert(arguments.begin(), program("sightline").string());
    return run_program(arguments, {"SIGHTLINE_SERVER=" + server_->url(), "SIGHTLINE_TOKEN=" + token_}, input);
  }
  void ingest(unsigned seed, int events) const {
    const Outcome sent = sightline({"ingest", "--format", "ndjson", "-"}, telemetry(seed, events));
    EXPECT_EQ(sent.exit_code, 1) << sent.err;  // the line that is no event
    EXPECT_THAT(sent.out + sent.err, HasSubstr("rejected 1 input line"));
  }
  Outcome back_up() const { return sightlined({"backup", "--data", data(), "--to", target()}); }
  std::vector<std::string> backups() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(target())) {
      if (entry.is_directory()) names.push_back(entry.path().filename().string());
    }
    std::ranges::sort(names);
    return names;
  }
  fs::path a_part_file(const std::string& backup) const {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(target()) / backup)) {
      if (entry.path().filename() == "data.bin" && entry.file_size() > 100'000) return entry.path();
    }
    ADD_FAILURE() << "no part in " << backup;
    return {};
  }

  // What users see: everything that is asked for must be the same in a restored copy.
  std::vector<std::string> answers() const {
    const std::vector<std::vector<std::string>> questions = {
        {"search", "user = 'intruder'", "--all", "--output", "ndjson"},
        {"search", "event_type = 'audit' | count by user, hostname"},
        {"search", "arguments like '*abc*'", "--all", "--output", "ndjson"},
        {"search", "event_type = 'audit' | histogram 1h"},
        {"alerts", "list", "--limit", "1000", "--output", "ndjson"},
        {"quarantine", "list", "--output", "ndjson"},
        {"token", "list", "--output", "ndjson"},
    };
    std::vector<std::string> all;
    for (const std::vector<std::string>& question : questions) {
      const Outcome answer = sightline(question);
      EXPECT_EQ(answer.exit_code, 0) << question[0] << ' ' << question[1] << ": " << answer.err;
      EXPECT_FALSE(answer.out.empty()) << question[1];
      all.push_back(answer.out);
    }
    RawClient client(server_->port());
    client.send(
        fmt::format("GET /v1/audit-log HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {}\r\n\r\n", token_));
    all.push_back(client.read().body);
    return all;
  }
  // Tokens say when they were used last, which is written now and then.
  static std::vector<std::string> without_use(std::vector<std::string> answers) {
    std::string& tokens = answers.at(6);
    for (std::size_t at = 0; (at = tokens.find("\"last_used", at)) != std::string::npos;) {
      tokens.erase(at, tokens.find_first_of(",}", at) - at);
    }
    return answers;
  }

  TemporaryDirectory directory_;
  std::unique_ptr<ServerProcess> server_;
  std::string token_;
};

TEST_F(Backup, EverythingComesBackFromASecondOneThatCopiedLittle) {
  ingest(1, 20'000);
  EXPECT_EQ(sightline({"token", "create", "--name", "shipper", "--scope", "ingest"}).exit_code, 0);
  const Outcome first = back_up();
  ASSERT_EQ(first.exit_code, 0) << first.err;
  const std::uint64_t first_bytes = bytes_linked_once(fs::path(target()) / backups().at(0));

  ingest(2, 500);
  const Outcome alert = sightline({"alerts", "list", "--limit", "1", "--output", "json"});
  const std::string id = alert.out.substr(alert.out.find("\"id\":") + 6, 12);
  EXPECT_EQ(sightline({"alerts", "dismiss", id, "--reason", "maintenance"}).exit_code, 0) << alert.out;
  const Outcome second = back_up();
  ASSERT_EQ(second.exit_code, 0) << second.err;
  ASSERT_EQ(backups().size(), 2U);
  EXPECT_LT(bytes_linked_once(fs::path(target()) / backups().at(1)), first_bytes / 2);

  const std::vector<std::string> before = without_use(answers());
  EXPECT_EQ(server_->stop(), 0);
  fs::remove_all(data());

  const Outcome restored_newest = sightlined({"restore", "--from", target(), "--data", restored()});
  ASSERT_EQ(restored_newest.exit_code, 0) << restored_newest.err;
  const std::string heads = restored_newest.out.substr(restored_newest.out.find("--expect-head"));
  const Outcome verified = sightlined({"verify", "--data", restored(), "--expect-head", heads.substr(14, 64),
                                       "--expect-audit-head", heads.substr(heads.find("audit-head") + 11, 64)});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  EXPECT_THAT(verified.out, HasSubstr("20500 events"));
  start(restored());
  const std::vector<std::string> after = without_use(answers());
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_TRUE(after.at(i) == before[i]) << "question " << i;
  ingest(3, 10);  // and it goes on
  EXPECT_EQ(sightline({"verify"}).exit_code, 0);
  EXPECT_EQ(server_->stop(), 0);
}

TEST_F(Backup, OldOnesStayRestorable) {
  ingest(1, 1'000);
  ASSERT_EQ(back_up().exit_code, 0);
  ingest(2, 1'000);
  ASSERT_EQ(back_up().exit_code, 0);
  EXPECT_EQ(server_->stop(), 0);
  const Outcome listed = sightlined({"restore", "--from", target(), "--list"});
  EXPECT_EQ(std::ranges::count(listed.out, '\n'), 2) << listed.out;
  fs::remove_all(fs::path(target()) / backups().at(1));
  ASSERT_EQ(sightlined({"restore", "--from", target(), "--data", restored()}).exit_code, 0);
  EXPECT_THAT(sightlined({"verify", "--data", restored()}).out, HasSubstr("1000 events"));
}

TEST_F(Backup, OneTakenWhileTelemetryComesInIsWhole) {
  std::atomic<bool> stop{false};
  std::thread sending([&] {
    for (unsigned seed = 100; !stop; ++seed) {
      sightline({"ingest", "--format", "ndjson", "--batch-size", "20000", "-"}, telemetry(seed, 2'000));
    }
  });
  for (int i = 0; i < 4; ++i) {
    const Outcome backed_up = back_up();
    EXPECT_EQ(backed_up.exit_code, 0) << backed_up.err;
    ingest(static_cast<unsigned>(i), 500);
  }
  stop = true;
  sending.join();
  EXPECT_EQ(server_->stop(), 0);
  for (const std::string& name : backups()) {
    const std::string copy = restored() + name;
    ASSERT_EQ(sightlined({"restore", "--from", target(), "--backup", name, "--data", copy}).exit_code, 0);
    const Outcome verified = sightlined({"verify", "--data", copy});
    EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  }
}

TEST_F(Backup, WithoutAServerItIsTheSame) {
  ingest(1, 1'000);
  server_->kill();
  ASSERT_EQ(back_up().exit_code, 0);
  EXPECT_FALSE(fs::exists(data() + "/snapshots"));
  ASSERT_EQ(sightlined({"restore", "--from", target(), "--data", restored()}).exit_code, 0);
  EXPECT_EQ(sightlined({"verify", "--data", restored()}).exit_code, 0);
}

TEST_F(Backup, ADamagedOneIsRefusedByItsFileAndLeavesNothing) {
  ingest(1, 20'000);
  ASSERT_EQ(back_up().exit_code, 0);
  const fs::path file = a_part_file(backups().at(0));
  {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(50'000);
    stream.put('!');
  }
  const Outcome checked = sightlined({"restore", "--from", target(), "--check"});
  EXPECT_EQ(checked.exit_code, 3);
  EXPECT_THAT(checked.err, HasSubstr(file.string()));
  const Outcome refused = sightlined({"restore", "--from", target(), "--data", restored()});
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_THAT(refused.err, HasSubstr(file.string()));
  EXPECT_TRUE(fs::is_empty(restored()));
  fs::resize_file(file, 100);
  EXPECT_THAT(sightlined({"restore", "--from", target(), "--check"}).err, HasSubstr("it has 100 bytes"));
  EXPECT_EQ(server_->stop(), 0);
}

TEST_F(Backup, WhatIsInTheWayIsNotTouched) {
  ingest(1, 10);
  ASSERT_EQ(back_up().exit_code, 0);
  EXPECT_EQ(sightlined({"restore", "--from", target(), "--data", data()}).exit_code, 3);
  const Outcome inside = sightlined({"backup", "--data", data(), "--to", data() + "/backups"});
  EXPECT_EQ(inside.exit_code, 2);
  EXPECT_THAT(inside.err, HasSubstr("apart"));
  EXPECT_THAT(sightlined({"backup", "--data", data(), "--to", (directory_.path() / "rules").string()}).err,
              HasSubstr("intruder.yaml"));
  EXPECT_EQ(sightlined({"restore", "--from", target()}).exit_code, 2);
  EXPECT_EQ(sightlined({"restore", "--from", data(), "--list"}).exit_code, 3);
  EXPECT_EQ(server_->stop(), 0);
}

TEST_F(Backup, AnUnfinishedRestoreIsNotTakenForData) {
  ingest(1, 10);
  ASSERT_EQ(back_up().exit_code, 0);
  EXPECT_EQ(server_->stop(), 0);
  ASSERT_EQ(sightlined({"restore", "--from", target(), "--data", restored()}).exit_code, 0);
  std::ofstream(restored() + "/unfinished-restore") << "killed here\n";
  const Outcome refused = sightlined({"verify", "--data", restored()});
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_THAT(refused.err, HasSubstr("restore again"));
  const Outcome backup = sightlined({"backup", "--data", restored(), "--to", target()});
  EXPECT_EQ(backup.exit_code, 3);
  EXPECT_THAT(backup.err, HasSubstr("restore again"));
}

TEST_F(Backup, AnotherHistoryIsSaid) {
  ingest(1, 10);
  ASSERT_EQ(back_up().exit_code, 0);
  EXPECT_EQ(server_->stop(), 0);
  fs::remove_all(data());
  start(data());
  token_ = server_->token();
  ingest(2, 10);
  const Outcome other = back_up();
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.err, HasSubstr("do not lead through"));
  EXPECT_EQ(backups().size(), 2U);
  EXPECT_EQ(server_->stop(), 0);
}

TEST_F(Backup, IsItsOwnersAlone) {
  ingest(1, 10);
  ASSERT_EQ(back_up().exit_code, 0);
  ASSERT_EQ(sightlined({"restore", "--from", target(), "--data", restored()}).exit_code, 0);
  const auto others = fs::perms::group_all | fs::perms::others_all;
  for (const std::string& place : {target(), restored()}) {
    EXPECT_EQ(fs::status(place).permissions() & others, fs::perms::none);
    for (const auto& entry : fs::recursive_directory_iterator(place)) {
      if (entry.is_symlink()) continue;
      EXPECT_EQ(entry.status().permissions() & others, fs::perms::none) << entry.path();
    }
  }
  EXPECT_EQ(server_->stop(), 0);
}

}  // namespace
}  // namespace sightline::testing
