// Every hostile query of the table, put to a server with a store of events that differ, while a good sender sends.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/json.hpp>
#include <csignal>
#include <map>
#include <mutex>
#include <thread>

#include "hostile/good_clients.h"
#include "hostile/payloads.h"
#include "hostile/queries.h"
#include "testing/temporary_directory.h"

namespace sightline::hostile {
namespace {

// Three searches of 1 GiB each may run at a time; ingest needs its part beside them.
constexpr std::size_t kMemoryBoundMib = 5'120;
constexpr std::size_t kWorkers = 4;

class HostileQueries : public ::testing::Test {
 protected:
  HostileQueries() { std::signal(SIGPIPE, SIG_IGN); }

  // Each with a request of its own, many with the same user.
  void fill_store(std::size_t events) {
    constexpr std::size_t kBatch = 20'000;
    for (std::size_t sent = 0; sent < events; sent += kBatch) {
      std::string lines;
      for (std::size_t i = sent; i < sent + kBatch; ++i) {
        lines += fmt::format(
            "{{\"event_time\":{},\"event_type\":\"stored\",\"user\":\"user-{}\",\"hostname\":\"web-{}\",\"pid\":{},"
            "\"command\":\"ls -l /srv/{} --sort={}\",\"request\":\"{:016x}\"}}\n",
            1'700'000'000'000 + i * 700, i % 97, i % 13, i % 32768, i, i * 7919, i * 0x9e3779b97f4a7c15U);
      }
      ASSERT_EQ(target_.ask("POST", "/v1/events", "$ingest", lines).status, 200);
    }
  }

  std::string outcome_of(const HostileQuery& query) {
    const boost::json::object body{{"query", query.text()}, {"limit", 10}};
    const auto client = target_.connect();
    client->send(target_.fill_in(search(boost::json::serialize(body))));
    const testing::RawResponse response = client->read();
    if (response.status == 422) return response.body.find("narrow") != std::string::npos ? "422" : "422 without advice";
    if (response.status != 200) return std::to_string(response.status);
    const bool nothing =
        response.body.starts_with(R"({"events":[],)") || response.body.find(R"("rows":[],)") != std::string::npos;
    return nothing ? "200 nothing" : "200 found";
  }

  void check(const HostileQuery& query) {
    const auto begin = std::chrono::steady_clock::now();
    const std::string seen = outcome_of(query);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const std::lock_guard lock(mutex_);
    if (!fmt::format("|{}|", query.expected).contains(fmt::format("|{}|", seen))) {
      ADD_FAILURE() << query.kind << ", " << query.name << ": expected " << query.expected << ", seen " << seen;
    }
    ++outcomes_[query.kind][seen];
    if (seconds > slowest_s_) {
      slowest_s_ = seconds;
      slowest_ = fmt::format("{}, {}: {}", query.kind, query.name, seen);
    }
  }

  void print_table() const {
    for (const auto& [kind, outcomes] : outcomes_) {
      std::string line;
      for (const auto& [outcome, count] : outcomes) line += fmt::format("  {} × {}", count, outcome);
      fmt::print("{:<12}{}\n", kind, line);
    }
    fmt::print("slowest query {:.1f} s: {}\n", slowest_s_, slowest_);
  }

  testing::TemporaryDirectory directory_;
  testing::ServerProcess server_{directory_.path() / "data"};
  Target target_{server_};
  std::mutex mutex_;  // guards the rest
  std::map<std::string, std::map<std::string, std::size_t>> outcomes_;
  double slowest_s_ = 0;
  std::string slowest_;
};

TEST_F(HostileQueries, HaveTheirOutcomeAndDoNotHoldUpIngest) {
  fill_store(is_long_run() ? 2'000'000 : 60'000);
  const Report alone = send_alone(target_, std::chrono::seconds(is_long_run() ? 20 : 3));
  GoodSender sender(target_);
  {
    const std::vector<HostileQuery> queries = all_queries();
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
      for (std::size_t i = next++; i < queries.size(); i = next++) {
        if (!queries[i].large || is_long_run()) check(queries[i]);
      }
    };
    std::vector<std::jthread> workers;
    for (std::size_t i = 0; i < kWorkers; ++i) workers.emplace_back(work);
  }
  const Report during = sender.stop();

  EXPECT_TRUE(target_.is_alive());
  EXPECT_EQ(during.failures, std::vector<std::string>());
  EXPECT_LT(target_.peak_memory_mib(), kMemoryBoundMib);
  // The events are all there, whatever the texts wanted.
  const auto counted = target_.ask("POST", "/v1/search", "$admin", R"({"query":"event_type = \"stored\" | count"})");
  EXPECT_NE(counted.body.find(is_long_run() ? "[[2000000]]" : "[[60000]]"), std::string::npos) << counted.body;
  print_table();
  compare(alone, during);
  fmt::print("peak memory {} MiB of {}\n", target_.peak_memory_mib(), kMemoryBoundMib);
}

}  // namespace
}  // namespace sightline::hostile
