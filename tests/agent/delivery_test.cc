// What was appended to a followed file arrives once, whatever dies meanwhile.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <random>
#include <thread>

#include "agent/agent_fixture.h"

namespace sightline::testing {
namespace {

int rounds() {
  const char* text = std::getenv("SIGHTLINE_AGENT_ROUNDS");
  return text == nullptr ? 10 : std::atoi(text);
}

class Delivery : public AgentTest {
 protected:
  // Appends that many lines, each with a number of its own.
  void append(std::size_t count) {
    std::ofstream file(file_, std::ios::app);
    for (std::size_t i = 0; i < count; ++i) {
      file << R"({"event_type":"host","type":"marker","exe":"/delivery/test","arguments":"m)" << ++written_ << "\"}\n";
    }
  }
  void start() { start_agent({"--audit", "off", "--from-beginning", "--follow", "ndjson:" + file_.string()}); }

  // Waits until the last arrived and nothing waits; then each must be there once.
  void expect_each_once(int patience_s = kPatienceS) {
    search_until(fmt::format("exe = \"/delivery/test\" AND arguments = \"m{}\"", written_), 1, patience_s);
    wait_until_delivered();
    const auto total = table("exe = \"/delivery/test\" | count");
    ASSERT_EQ(total.size(), 1U);
    EXPECT_EQ(boost::json::serialize(total), fmt::format("[[{}]]", written_));
    // As many as were written, and none of them twice. By their first digits, so that no table is very large.
    for (int digits = 1; digits < 100; ++digits) {
      const auto most =
          table(fmt::format("exe = \"/delivery/test\" AND arguments starts_with \"m{}\" | top 1 arguments", digits));
      if (most.empty()) continue;
      ASSERT_EQ(most[0].at(1).as_int64(), 1) << boost::json::serialize(most);
    }
  }
  std::size_t written() const { return written_; }

 private:
  std::filesystem::path file_ = directory() / "followed.ndjson";
  std::size_t written_ = 0;
};

TEST_F(Delivery, EveryLineOnceThoughAgentAndServerAreKilled) {
  start_server();
  start();
  std::mt19937 random(5);
  for (int round = 0; round < rounds(); ++round) {
    append(random() % 2000);
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 1500));
    append(random() % 50);
    if (random() % 2 == 0) {
      end_agent(SIGKILL);
      start();
    } else {
      server().kill();
      start_server();
    }
  }
  append(10);
  expect_each_once();
  std::printf("%d kills: %zu lines, each once\n", rounds(), written());
}

// SIGHTLINE_OUTAGE_S: how long, at 5,000 lines a second; otherwise 20,000 lines in a second.
TEST_F(Delivery, AnOutageArrivesWhole) {
  const char* text = std::getenv("SIGHTLINE_OUTAGE_S");
  const int seconds = text == nullptr ? 0 : std::atoi(text);
  const int steps = seconds == 0 ? 20 : 5 * seconds;
  const std::chrono::milliseconds pause(seconds == 0 ? 50 : 200);
  start_server();
  const std::uint16_t port = server().port();
  server().stop();
  start();
  auto next = std::chrono::steady_clock::now();
  for (int i = 0; i < steps; ++i) {
    append(1000);
    std::this_thread::sleep_until(next += pause);
  }
  start_server();
  ASSERT_EQ(server().port(), port);
  expect_each_once(kPatienceS + 2 * seconds);
  std::printf("an outage of %d s: %zu lines, each once\n", std::max(seconds, 1), written());
}

TEST_F(Delivery, ItSaysThatItStartedAndWhenItDidNotRun) {
  start_server();
  start();
  append(1);
  EXPECT_EQ(search_until("type = \"agent_started\"", 1).size(), 1U);
  EXPECT_EQ(end_agent(SIGTERM), 0);
  start();
  EXPECT_EQ(search_until("type = \"agent_started\"", 2).size(), 2U);
  const auto stopped = search_until("type = \"agent_stopped\"", 1);
  EXPECT_EQ(stopped.size(), 1U);
  const auto losses = search_until("type = \"loss\" AND loss.reason = \"not_running\"", 1);
  ASSERT_EQ(losses.size(), 1U);
  EXPECT_EQ(text_of(losses[0], "loss.source"), "agent");
  EXPECT_EQ(text_of(losses[0], "agent_id"), "agent-under-test");
}

TEST_F(Delivery, ASecondAgentIsRefused) {
  start_server();
  start();
  append(1);
  search_until("type = \"agent_started\"", 1);
  const Outcome second =
      run_program({program("sightline-agent"), "run", "--server", server().url(), "--token-file",
                   (data() / "admin.token").string(), "--state-dir", (directory() / "agent").string(), "--config",
                   "/dev/null", "--audit", "off", "--follow", "syslog:/none"});
  EXPECT_EQ(second.exit_code, 2) << second.err;
  EXPECT_NE(second.err.find("has the spool"), std::string::npos) << second.err;
}

}  // namespace
}  // namespace sightline::testing
