// kill -9 in the middle of ingest, again and again; then everything that was acknowledged must be there once, with its
// alerts, and the chain must hold. After that, single bytes are changed, and verify must see each.
//
// SIGHTLINE_CRASH_ROUNDS and SIGHTLINE_CRASH_SEED change how often and which.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>

#include "control/control_store.h"
#include "harness/program.h"
#include "ledger/ledger.h"
#include "store/clickhouse/embedded/connection.h"
#include "testing/temporary_directory.h"

namespace sightline::crash {
namespace {

namespace fs = std::filesystem;
using testing::Batch;
using testing::Counts;
using testing::differences;
using testing::Ledger;
using testing::Outcome;
using testing::problem_with;
using testing::ServerProcess;
using testing::shown_events;
using testing::stored_alerts;
using testing::verify_data;

constexpr std::size_t kSenders = 3;
constexpr std::uint64_t kRoundsBetweenNews = 25;

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

class CrashTest : public ::testing::Test {
 protected:
  CrashTest()
      : seed_(static_cast<std::uint32_t>(number_from_environment("SIGHTLINE_CRASH_SEED", 1))),
        random_(seed_),
        ledger_(kSenders, {.seed = seed_}) {}

  fs::path data() const { return directory_.path() / "data"; }
  std::vector<std::string> server_arguments() const { return {"--rules", SIGHTLINE_LEDGER_RULES}; }

  // All senders at once; `kill_after` acknowledgements and up to a commit's time later the server is killed.
  void send_until_killed(ServerProcess& server, std::uint64_t kill_after) {
    std::atomic<std::uint64_t> acknowledged{0};
    const std::string problems = ledger_.send(
        server, UINT64_MAX,
        [&](const testing::Answer& answer) {
          if (answer.status == 200) ++acknowledged;
          return true;
        },
        [&](const std::atomic<std::size_t>& running) {
          while (acknowledged < kill_after && running == kSenders) std::this_thread::yield();
          ::poll(nullptr, 0, static_cast<int>(random_() % 40));  // anywhere within a commit
          server.kill();
        });
    EXPECT_EQ(problems, "");
  }

  // Batches that a crash had left between the store and the control database.
  std::uint64_t recovered() const {
    const auto control = control::ControlStore::open(data());
    const auto manifests = (*control)->manifests().read_range(1, UINT32_MAX);
    if (!manifests) {
      ADD_FAILURE() << manifests.error().message;
      return 0;
    }
    return static_cast<std::uint64_t>(std::ranges::count(*manifests, true, &control::Manifest::recovered));
  }

  // A copy of the data to tamper with.
  fs::path copy_of_data() {
    const fs::path copy = directory_.path() / fmt::format("tampered-{}", ++copies_);
    fs::copy(data(), copy, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    return copy;
  }

  std::uint32_t seed_;
  std::mt19937 random_;
  testing::TemporaryDirectory directory_;
  Ledger ledger_;
  int copies_ = 0;
};

void flip_byte(const fs::path& file, std::uint64_t offset) {
  std::fstream stream(file, std::ios::binary | std::ios::in | std::ios::out);
  stream.seekg(static_cast<std::streamoff>(offset));
  const char byte = static_cast<char>(stream.get() ^ 1);
  stream.seekp(static_cast<std::streamoff>(offset));
  stream.put(byte);
}

std::string bytes_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// The largest file with events in it: columns of a part, or the part in one file.
fs::path largest_part_file(const fs::path& data) {
  fs::path largest;
  std::uintmax_t size_bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(data / "events" / "store")) {
    if (entry.path().extension() != ".bin" || entry.file_size() <= size_bytes) continue;
    largest = entry.path();
    size_bytes = entry.file_size();
  }
  return largest;
}

void edit_through_the_engine(const fs::path& data) {
  using store::clickhouse::Engine;
  auto engine = Engine::start((data / "events").string(), {});
  ASSERT_TRUE(engine) << engine.error().message;
  auto connection = (*engine)->connect();
  ASSERT_TRUE(connection) << connection.error().message;
  const std::string quiet = "process_group LIKE '%crash-quiet%' AND reinterpretAsUInt64(substring(batch, 13, 8)) <= 20";
  const auto rows = (*connection)->query("SELECT count() FROM sightline.events WHERE " + quiet, "TSV");
  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_NE(rows->bytes, "0\n") << "nothing to change";
  const auto edited = (*connection)
                          ->query(fmt::format("ALTER TABLE sightline.events UPDATE process_group = "
                                              "replaceOne(process_group, 'crash-quiet', 'crash-quieT') WHERE {} "
                                              "SETTINGS mutations_sync = 2",
                                              quiet),
                                  "TSV");
  ASSERT_TRUE(edited) << edited.error().message;
}

TEST(CrashTestItself, TakesNoOtherAnswerThanTheRightOne) {
  const Batch batch{"s/1/1", "", {"a", "b", "c"}, {}, {2}};
  const auto answer = [](const char* accepted, const char* count, const char* lines, const char* number) {
    return fmt::format(R"({{"accepted":{},"rejected_count":{},"rejected":{},"batch":{},"replayed":false}})", accepted,
                       count, lines, number);
  };
  constexpr const char* kLine2 = R"([{"line":2,"error":"x"}])";
  EXPECT_EQ(problem_with(batch, answer("3", "1", kLine2, "8"), false, 7), "");
  EXPECT_NE(problem_with(batch, answer("30", "1", kLine2, "8"), false, 7), "");
  EXPECT_NE(problem_with(batch, answer("2", "1", kLine2, "8"), false, 7), "");
  EXPECT_NE(problem_with(batch, answer("3", "0", "[]", "8"), false, 7), "");
  EXPECT_NE(problem_with(batch, answer("3", "1", R"([{"line":1,"error":"x"}])", "8"), false, 7), "");
  EXPECT_NE(problem_with(batch, answer("3", "1", kLine2, "7"), false, 7), "");
  EXPECT_NE(problem_with(batch, "not JSON", false, 7), "");
  const std::string replayed = R"({"accepted":3,"rejected_count":1,"rejected":[{"line":2}],"batch":8,"replayed":true})";
  EXPECT_EQ(problem_with(batch, replayed, true, 7), "");
  EXPECT_NE(problem_with(batch, replayed, false, 7), "");
}

// A server that comes up without what it acknowledged last, as one does that acknowledges before it commits; then what
// it has takes a batch twice. The comparison must see both.
TEST_F(CrashTest, WhatIsLostOrDoubledIsFound) {
  {
    ServerProcess server(data(), server_arguments());
    EXPECT_EQ(ledger_.send(server, 2), "");
    EXPECT_EQ(server.stop(), 0);
  }
  const fs::path before = copy_of_data();
  const Counts events_before = ledger_.events();
  const Counts alerts_before = ledger_.alerts();
  {
    ServerProcess server(data(), server_arguments());
    EXPECT_EQ(ledger_.send(server, 8), "");
    EXPECT_EQ(differences(ledger_.events(), shown_events(server)), "");
    EXPECT_TRUE(differences(events_before, shown_events(server)).contains("never acknowledged:"));
    server.kill();
  }
  ASSERT_GT(ledger_.alerts().size(), alerts_before.size());
  ServerProcess server(before, server_arguments());
  EXPECT_TRUE(differences(ledger_.events(), shown_events(server)).contains("missing:"));
  EXPECT_EQ(differences(events_before, shown_events(server)), "");

  // The same senders with other keys: every marker of theirs is there again.
  Ledger again(kSenders, {.seed = seed_, .epoch = 2});
  EXPECT_EQ(again.send(server, 2), "");
  EXPECT_TRUE(differences(events_before, shown_events(server)).contains("doubled:"));
  EXPECT_EQ(server.stop(), 0);
  EXPECT_TRUE(differences(ledger_.alerts(), stored_alerts(before)).contains("missing:"));
}

TEST_F(CrashTest, NothingAcknowledgedIsLostOrDoubledAndEveryEditShows) {
  const std::uint64_t rounds = number_from_environment("SIGHTLINE_CRASH_ROUNDS", 5);
  for (std::uint64_t round = 1; round <= rounds && !HasFailure(); ++round) {
    ServerProcess server(data(), server_arguments());
    send_until_killed(server, random_() % 60);
    if (round % kRoundsBetweenNews == 0 && round < rounds) {
      std::cout << fmt::format("{} of {} kills\n", round, rounds) << std::flush;
    }
  }
  ServerProcess server(data(), server_arguments());
  EXPECT_EQ(ledger_.send(server, 3), "");
  EXPECT_FALSE(ledger_.waits());
  ASSERT_FALSE(HasFailure());
  EXPECT_EQ(differences(ledger_.events(), shown_events(server)), "");
  EXPECT_EQ(server.stop(), 0);
  EXPECT_EQ(differences(ledger_.alerts(), stored_alerts(data())), "");

  const Outcome intact = verify_data(data());
  EXPECT_EQ(intact.exit_code, 0) << intact.out << intact.err;
  std::cout << fmt::format("{} kills, seed {}: {} events, {} alerts, {} batches sent again, {} recovered\n{}", rounds,
                           seed_, ledger_.events().size(), ledger_.alerts().size(), ledger_.repeated(), recovered(),
                           intact.out)
            << std::flush;

  const fs::path edited = copy_of_data();
  edit_through_the_engine(edited);
  EXPECT_EQ(verify_data(edited).exit_code, 1) << "a value changed through the engine";

  const fs::path damaged = copy_of_data();
  const fs::path part = largest_part_file(damaged);
  flip_byte(part, fs::file_size(part) / 2);
  EXPECT_NE(verify_data(damaged).exit_code, 0) << "a byte of " << part;

  // The title of the first alert, in the page of its row.
  const fs::path forged = copy_of_data();
  const fs::path control = forged / "control.db";
  const std::size_t place = bytes_of(control).find(ledger_.alerts().begin()->first);
  ASSERT_NE(place, std::string::npos);
  flip_byte(control, place + 1);
  EXPECT_EQ(verify_data(forged).exit_code, 1) << "a byte of the control database";
}

}  // namespace
}  // namespace sightline::crash
