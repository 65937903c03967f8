// kill -9 in the middle of ingest, again and again; then everything that was acknowledged must be there once, with its
// alerts, and the chain must hold. After that, single bytes are changed, and verify must see each.
//
// SIGHTLINE_CRASH_ROUNDS and SIGHTLINE_CRASH_SEED change how often and which.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <thread>

#include "cli/client/http_client.h"
#include "control/control_store.h"
#include "crash/senders.h"
#include "harness/program.h"
#include "store/clickhouse/embedded/connection.h"
#include "testing/temporary_directory.h"

namespace sightline::crash {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using testing::Outcome;
using testing::program;
using testing::run_program;
using testing::ServerProcess;

constexpr std::size_t kSenders = 3;
constexpr int kPageSize = 10'000;

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// How often each marker occurs.
using Counts = std::map<std::string, int>;

class CrashTest : public ::testing::Test {
 protected:
  CrashTest() : seed_(static_cast<std::uint32_t>(number_from_environment("SIGHTLINE_CRASH_SEED", 1))), random_(seed_) {
    for (std::size_t i = 0; i < kSenders; ++i) {
      senders_.emplace_back(fmt::format("sender-{}", i), static_cast<std::uint32_t>(seed_ * 100 + i));
    }
  }

  fs::path data() const { return directory_.path() / "data"; }
  std::vector<std::string> server_arguments() const { return {"--rules", SIGHTLINE_CRASH_RULES}; }

  // All senders at once until the server is gone or each had `batches` acknowledged. `kill_after` acknowledgements and
  // up to a commit's time later the server is killed; 0 batches: it is left alone.
  void send(ServerProcess& server, std::uint64_t batches, std::optional<std::uint64_t> kill_after) {
    std::atomic<std::uint64_t> acknowledged{0};
    std::atomic<std::size_t> running{senders_.size()};
    std::vector<std::string> problems(senders_.size());
    std::vector<std::jthread> threads;
    const std::string url = server.url();
    const std::string token = server.token();
    for (std::size_t i = 0; i < senders_.size(); ++i) {
      threads.emplace_back([&, i] {
        problems[i] = senders_[i].run(url, token, batches, [&] { ++acknowledged; });
        --running;
      });
    }
    if (kill_after) {
      while (acknowledged < *kill_after && running == senders_.size()) std::this_thread::yield();
      ::poll(nullptr, 0, static_cast<int>(random_() % 40));  // anywhere within a commit
      server.kill();
    }
    threads.clear();
    for (const std::string& problem : problems) EXPECT_EQ(problem, "");
  }

  Counts sent() const {
    Counts counts;
    for (const Sender& sender : senders_) {
      for (const std::string& marker : sender.markers()) ++counts[marker];
    }
    return counts;
  }
  Counts expected_alerts() const {
    Counts counts;
    for (const Sender& sender : senders_) {
      for (const std::string& marker : sender.alert_markers()) ++counts[marker];
    }
    return counts;
  }

  // What a search shows, page by page.
  static Counts shown(const ServerProcess& server) {
    Counts counts;
    const auto client = cli::make_curl_client();
    json::value cursor = nullptr;
    do {
      json::object question{{"query", "exe = \"/crash/tool\""}, {"limit", kPageSize}};
      if (!cursor.is_null()) question["cursor"] = cursor;
      const std::string body = json::serialize(question);
      cli::HttpRequest request;
      request.method = "POST";
      request.url = server.url() + "/v1/search";
      request.headers = {{"Authorization", "Bearer " + server.token()}, {"Content-Type", "application/json"}};
      request.body = body;
      const auto response = client->send(request);
      if (!response || response->status != 200) {
        ADD_FAILURE() << (response ? response->body : response.error().message);
        return counts;
      }
      const json::value answer = json::parse(response->body);
      for (const json::value& event : answer.at("events").as_array()) {
        ++counts[std::string(event.at("arguments").as_string())];
      }
      cursor = answer.at("cursor");
    } while (!cursor.is_null());
    return counts;
  }

  // The alerts' titles are the markers of their events.
  Counts alerts() const {
    Counts counts;
    const auto control = control::ControlStore::open(data());
    std::optional<control::AlertCursor> cursor;
    do {
      const auto page = (*control)->alerts().list({}, 1'000, cursor);
      if (!page) {
        ADD_FAILURE() << page.error().message;
        return counts;
      }
      for (const alerts::Alert& alert : page->alerts) ++counts[alert.title];
      cursor = page->next;
    } while (cursor);
    return counts;
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

  static Outcome verify(const fs::path& data) { return run_program({program("sightlined"), "verify", "--data", data}); }

  // A copy of the data to tamper with.
  fs::path copy_of_data() {
    const fs::path copy = directory_.path() / fmt::format("tampered-{}", ++copies_);
    fs::copy(data(), copy, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    return copy;
  }

  std::uint32_t seed_;
  std::mt19937 random_;
  testing::TemporaryDirectory directory_;
  std::vector<Sender> senders_;
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
  const auto edited = (*connection)
                          ->query(
                              "ALTER TABLE sightline.events UPDATE command = 'crash-quieT' "
                              "WHERE batch_number = 1 AND batch_row = 0 SETTINGS mutations_sync = 2",
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

TEST_F(CrashTest, NothingAcknowledgedIsLostOrDoubledAndEveryEditShows) {
  const std::uint64_t rounds = number_from_environment("SIGHTLINE_CRASH_ROUNDS", 5);
  for (std::uint64_t round = 1; round <= rounds && !HasFailure(); ++round) {
    ServerProcess server(data(), server_arguments());
    send(server, UINT64_MAX, random_() % 60);
  }
  ServerProcess server(data(), server_arguments());
  send(server, 3, std::nullopt);
  for (const Sender& sender : senders_) EXPECT_FALSE(sender.waits());
  ASSERT_FALSE(HasFailure());
  EXPECT_EQ(shown(server), sent());
  EXPECT_EQ(server.stop(), 0);
  EXPECT_EQ(alerts(), expected_alerts());

  std::uint64_t repeated = 0;
  for (const Sender& sender : senders_) repeated += sender.repeated();
  const Outcome intact = verify(data());
  EXPECT_EQ(intact.exit_code, 0) << intact.out << intact.err;
  std::cout << fmt::format("{} kills, seed {}: {} events, {} alerts, {} batches sent again, {} recovered\n{}", rounds,
                           seed_, sent().size(), expected_alerts().size(), repeated, recovered(), intact.out)
            << std::flush;

  const fs::path edited = copy_of_data();
  edit_through_the_engine(edited);
  EXPECT_EQ(verify(edited).exit_code, 1) << "a value changed through the engine";

  const fs::path damaged = copy_of_data();
  const fs::path part = largest_part_file(damaged);
  flip_byte(part, fs::file_size(part) / 2);
  EXPECT_NE(verify(damaged).exit_code, 0) << "a byte of " << part;

  // The title of the first alert, in the page of its row.
  const fs::path forged = copy_of_data();
  const fs::path control = forged / "control.db";
  const std::size_t place = bytes_of(control).find(expected_alerts().begin()->first);
  ASSERT_NE(place, std::string::npos);
  flip_byte(control, place + 1);
  EXPECT_EQ(verify(forged).exit_code, 1) << "a byte of the control database";
}

}  // namespace
}  // namespace sightline::crash
