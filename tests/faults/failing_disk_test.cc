// A disk whose writes and syncs fail at random moments, with EIO or ENOSPC, in the files of the event store and of the
// control database. What a failed sync should have kept is gone. Everything that was acknowledged is there once, in the
// same process and after a restart; what was not is stored once by being sent again.
//
// SIGHTLINE_FAULT_ROUNDS and SIGHTLINE_FAULT_SEED change how often and which.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>

#include "ledger/ledger.h"
#include "testing/temporary_directory.h"

namespace sightline::testing {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSenders = 3;
constexpr std::uint64_t kPatience = 3'000;  // refusals in a row, with a pause each, once nothing fails any more

std::uint32_t number_from_environment(const char* name, std::uint32_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10));
}

class FailingDisk : public ::testing::Test {
 protected:
  FailingDisk()
      : seed_(number_from_environment("SIGHTLINE_FAULT_SEED", 1)),
        random_(seed_),
        ledger_(kSenders, {.seed = seed_, .repairs = true}) {}

  fs::path data() const { return directory_.path() / "data"; }
  fs::path switch_file() const { return directory_.path() / "faults"; }
  // While the switch file is there, one in `one_in` writes and syncs fails as `mode` says.
  std::vector<std::string> faults(const char* mode, std::uint32_t one_in) {
    return {"LD_PRELOAD=" SIGHTLINE_FILE_FAULTS,
            fmt::format("SIGHTLINE_FAULTS={}", mode),
            fmt::format("SIGHTLINE_FAULTS_ONE_IN={}", one_in),
            fmt::format("SIGHTLINE_FAULTS_SEED={}", random_()),
            fmt::format("SIGHTLINE_FAULTS_UNDER={}/", data().string()),
            fmt::format("SIGHTLINE_FAULTS_SWITCH={}", switch_file().string())};
  }
  void switch_faults(bool on) const {
    if (on) {
      std::ofstream(switch_file()) << "on";
    } else {
      fs::remove(switch_file());
    }
  }

  struct Answers {
    std::string problems;
    std::uint64_t acknowledged = 0;  // while things failed
    std::uint64_t refused = 0;       // while things failed
  };
  // When things fail: on and off, or from before the first request until enough were refused. Only then is there
  // nothing that was stored before or between: what was is acknowledged to those who send it again, while things fail,
  // too.
  enum class Faults { on_and_off, at_first };
  // Sends while things fail, and on until there were enough acknowledgements afterwards.
  Answers send(const ServerProcess& server, Faults faults, std::uint64_t patience = kPatience) {
    Answers answers;
    std::atomic<bool> over{false};
    std::atomic<bool> failing{false};
    std::array<std::atomic<std::uint64_t>, 2> counts{};  // refused, acknowledged, while things failed
    std::atomic<std::uint64_t> in_a_row{0};
    std::atomic<std::uint64_t> afterwards{0};
    const auto answered = [&](const Answer& answer) {
      // A batch whose lines are all bad writes nothing to the event store.
      if (failing && answer.events > 0) ++counts[answer.status == 200 ? 1 : 0];
      if (!over) return true;
      if (answer.status != 200) return ++in_a_row < patience;
      in_a_row = 0;
      return ++afterwards <= 3 * kSenders;
    };
    const auto begin = [&] {
      switch_faults(true);
      failing = true;
    };
    const auto end_after = [&](std::uint64_t answers_then, const std::atomic<std::size_t>& running) {
      while (counts[0] + counts[1] < answers_then && running == kSenders) pause(20);
      failing = false;
      switch_faults(false);
    };
    const auto meanwhile = [&](const std::atomic<std::size_t>& running) {
      if (faults == Faults::at_first) end_after(20 * kSenders, running);
      for (int i = 0; faults == Faults::on_and_off && i < 3; ++i) {
        pause(300);
        begin();
        pause(900);
        end_after(0, running);
      }
      over = true;
    };
    if (faults == Faults::at_first) begin();
    answers.problems = ledger_.send(server, UINT64_MAX, answered, meanwhile);
    if (in_a_row >= patience) answers.problems += "it does not go on\n";
    answers.refused = counts[0];
    answers.acknowledged = counts[1];
    return answers;
  }
  void pause(std::uint32_t at_most_ms) { ::poll(nullptr, 0, static_cast<int>(random_() % at_most_ms)); }

  void expect_all_there_once(ServerProcess& server) {
    EXPECT_FALSE(ledger_.waits());
    EXPECT_EQ(differences(ledger_.events(), shown_events(server)), "");
    EXPECT_EQ(server.stop(), 0);
    EXPECT_EQ(differences(ledger_.alerts(), stored_alerts(data())), "");
    const Outcome verified = verify_data(data());
    EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  }

  std::uint32_t seed_;
  std::mt19937 random_;
  TemporaryDirectory directory_;
  Ledger ledger_;
};

TEST_F(FailingDisk, WhatIsAcknowledgedIsDurableAndTheRestIsStoredOnceByARetry) {
  const std::uint32_t rounds = number_from_environment("SIGHTLINE_FAULT_ROUNDS", 3);
  std::uint64_t refused = 0;
  for (std::uint32_t round = 0; round < rounds && !HasFailure(); ++round) {
    const std::array<std::uint32_t, 4> often{5, 30, 100, 400};
    ServerProcess server(data(), {"--rules", SIGHTLINE_LEDGER_RULES}, faults("fail", often[random_() % often.size()]));
    const Answers answers = send(server, Faults::on_and_off);
    refused += answers.refused;
    EXPECT_EQ(answers.problems, "") << "round " << round;
    expect_all_there_once(server);
  }
  EXPECT_GT(refused, 0U);
  std::cout << fmt::format("{} rounds, seed {}: {} events, {} alerts, {} batches sent again\n", rounds, seed_,
                           ledger_.events().size(), ledger_.alerts().size(), ledger_.repeated());
}

TEST_F(FailingDisk, NothingIsAcknowledgedWhileNoDirectoryCanBeSynced) {
  ServerProcess server(data(), {"--rules", SIGHTLINE_LEDGER_RULES}, faults("directories", 0));
  const Answers answers = send(server, Faults::at_first);
  EXPECT_EQ(answers.problems, "");
  EXPECT_EQ(answers.acknowledged, 0U);
  EXPECT_GT(answers.refused, 0U);
  expect_all_there_once(server);
}

// The same with a disk that hides its faults: the comparison must see that.
TEST_F(FailingDisk, FaultsThatAreHiddenAreFound) {
  std::string found;
  try {
    for (int attempt = 0; attempt < 20 && found.empty(); ++attempt) {
      ServerProcess server(data(), {"--rules", SIGHTLINE_LEDGER_RULES}, faults("lie", 30));
      found = send(server, Faults::on_and_off, kPatience / 10).problems +
              differences(ledger_.events(), shown_events(server));
      server.kill();
    }
  } catch (const std::runtime_error& error) {
    found = error.what();  // the server does not start on what is left
  }
  switch_faults(false);
  std::cout << found.substr(0, 300) << '\n';
  EXPECT_NE(found, "");
}

}  // namespace
}  // namespace sightline::testing
