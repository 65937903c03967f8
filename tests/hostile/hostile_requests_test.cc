// Everything of the tables, sent to a server that also has good clients. Each case has the outcome that its line names,
// good clients get what they ask for, and the server's memory stays within its bound.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <future>
#include <map>
#include <mutex>
#include <thread>

#include "hostile/case.h"
#include "hostile/good_clients.h"
#include "hostile/payloads.h"
#include "testing/certificates.h"
#include "testing/temporary_directory.h"

namespace sightline::hostile {
namespace {

// Of the whole process: request bodies 256 MiB, decoded events 512 MiB as estimated and more in truth, their encoding,
// the engine's own. Up to 2,250 MiB have been seen.
constexpr std::size_t kMemoryBoundMib = 3'072;

constexpr std::size_t kWorkers = 6;

struct Tally {
  std::size_t requests = 0;
  std::map<std::string, std::size_t> outcomes;
};

class HostileRequests : public ::testing::TestWithParam<bool> {
 protected:
  HostileRequests() { std::signal(SIGPIPE, SIG_IGN); }

  std::vector<std::string> arguments() const {
    if (!GetParam()) return {};
    const auto files = testing::make_certificate(directory_.path(), "server");
    return {"--tls-cert", files.certificate, "--tls-key", files.key};
  }

  void check(const char* kind, const char* name, const char* expected, const std::string& seen) {
    const std::lock_guard lock(mutex_);
    if (seen != expected) ADD_FAILURE() << kind << ", " << name << ": expected " << expected << ", seen " << seen;
    Tally& tally = tallies_[kind];
    ++tally.requests;
    ++tally.outcomes[seen];
  }

  // Several at a time.
  void send(const Target& target, const std::vector<Case>& cases) {
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
      for (std::size_t i = next++; i < cases.size(); i = next++) {
        const Case& one = cases[i];
        if (!one.large || is_long_run()) check(one.kind, one.name, one.expected, outcome_of(one, target));
      }
    };
    std::vector<std::jthread> workers;
    for (std::size_t i = 0; i < kWorkers; ++i) workers.emplace_back(work);
  }

  // Those that wait for the server to lose patience wait side by side.
  void play(const Target& target, const std::vector<Play>& plays) {
    std::vector<std::pair<const Play*, std::future<std::string>>> running;
    for (const Play& play : plays) {
      if (play.large && !is_long_run()) continue;
      running.emplace_back(&play, std::async(std::launch::async, [&play, &target] { return play.run(target); }));
    }
    for (auto& [play, outcome] : running) check(play->kind, play->name, play->expected, outcome.get());
  }

  void print_table() const {
    std::size_t all = 0;
    for (const auto& [kind, tally] : tallies_) {
      std::string outcomes;
      for (const auto& [outcome, count] : tally.outcomes) outcomes += fmt::format("  {} × {}", count, outcome);
      fmt::print("{:<12} {:>4}{}\n", kind, tally.requests, outcomes);
      all += tally.requests;
    }
    fmt::print("{:<12} {:>4}\n", "all", all);
  }

  testing::TemporaryDirectory directory_;
  testing::ServerProcess server_{directory_.path() / "data", arguments()};
  Target target_{server_};
  std::mutex mutex_;  // guards tallies_
  std::map<std::string, Tally> tallies_;
};

TEST_P(HostileRequests, HaveTheirOutcomeAndHarmNobody) {
  const Report alone = send_alone(target_, std::chrono::seconds(is_long_run() ? 20 : 3));
  GoodSender sender(target_);
  GoodReader reader(target_);
  {
    const auto slow = std::async(std::launch::async, [&] { play(target_, slow_clients()); });
    send(target_, cases_of_requests());
    if (!GetParam() || is_long_run()) send(target_, cases_of_bodies());
    if (GetParam()) play(target_, tls_clients());
  }
  const Report during = sender.stop();
  const Report asked = reader.stop();

  EXPECT_TRUE(target_.is_alive());
  EXPECT_EQ(during.failures, std::vector<std::string>());
  EXPECT_EQ(asked.failures, std::vector<std::string>());
  EXPECT_LT(target_.peak_memory_mib(), kMemoryBoundMib);
  const auto counted = target_.ask("POST", "/v1/search", "$admin", R"({"query":"event_type = \"good\" | count"})");
  EXPECT_NE(counted.body.find(fmt::format("[[{}]]", alone.events + during.events)), std::string::npos) << counted.body;
  print_table();
  compare(alone, during);
  fmt::print("good questions: {}, slowest {} ms; peak memory {} MiB of {}\n", asked.requests, asked.slowest.count(),
             target_.peak_memory_mib(), kMemoryBoundMib);
}

// One token that sends as much as it can from everywhere; the good sender has another. What turns come to is counted,
// which a slow machine does not change: with groups of one sender's batches the good one has one of forty.
TEST_P(HostileRequests, OthersHaveTheirTurnsDuringAFlood) {
  if (GetParam() && !is_long_run()) GTEST_SKIP() << "over TLS only in the long run";
  constexpr std::uint64_t kFloodBatchesATurn = 16;
  const Report before = send_alone(target_, std::chrono::seconds(3));
  const std::string body = repeated("{\"event_type\":\"flood\",\"user\":\"somebody\"}\n", 2'000);
  const std::string request = target_.fill_in(post("/v1/events", body));
  const int requests_each = is_long_run() ? 100 : 3;
  std::map<int, std::size_t> answers;
  GoodSender sender(target_);
  {
    std::vector<std::jthread> flood;
    for (int i = 0; i < 60; ++i) {
      flood.emplace_back([&, from = fmt::format("127.0.2.{}", 1 + i % 10)] {
        for (int sent = 0; sent < requests_each; ++sent) {
          const auto client = target_.connect(from.c_str());
          client->send(request);
          const int status = client->read().status;
          const std::lock_guard lock(mutex_);
          ++answers[status];
        }
      });
    }
  }
  const Report during = sender.stop();
  EXPECT_EQ(during.failures, std::vector<std::string>());
  EXPECT_GE(during.requests * kFloodBatchesATurn, answers[200]);
  EXPECT_LT(target_.peak_memory_mib(), kMemoryBoundMib);
  // A store that has just taken much is merging: alone is on both sides of the flood.
  compare(before + send_alone(target_, std::chrono::seconds(3)), during);
  for (const auto& [status, count] : answers) fmt::print("flood: {} × {}\n", count, status);
  fmt::print("peak memory {} MiB of {}\n", target_.peak_memory_mib(), kMemoryBoundMib);
}

INSTANTIATE_TEST_SUITE_P(Transports, HostileRequests, ::testing::Values(false, true),
                         [](const auto& given) { return given.param ? "Tls" : "Plain"; });

}  // namespace
}  // namespace sightline::hostile
