// Memory while events of ever new values pass through all rules of SigmaHQ, and rule sets are swapped: what the matcher
// remembers is bounded, and a rule set that was replaced is gone.
//
// SIGHTLINE_SOAK_SECONDS: for how long, with all rules; without it a few rounds with some of the rules.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "detect/active_rules.h"
#include "detect/detector.h"
#include "detect/rule_collector.h"
#include "detect/rule_loader.h"
#include "detect/testing/rule_events.h"
#include "testing/corpora.h"

namespace sightline::detect {
namespace {

constexpr std::size_t kMiB = 1024UL * 1024;
constexpr std::size_t kWarmUpRounds = 5;
constexpr std::size_t kBatches = 20;  // a round
constexpr std::size_t kEvents = 500;  // a batch
constexpr std::size_t kMayGrowBytes = 48 * kMiB;

std::size_t resident_bytes() {
  std::size_t size = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/self/statm") >> size >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

// Every value of an event once more, with something behind it that no other event has.
void make_unlike_others(EventBatch& batch, Event& event, std::uint64_t number) {
  const std::string tail = fmt::format(" {:x}", number * 0x9E3779B97F4A7C15ULL);
  for (FieldValue& value : event.fields()) {
    if (field_info(value.field).type == FieldType::text)
      value.text = batch.arena().copy(std::string(value.text) + tail);
  }
  for (Attribute& value : event.attributes()) {
    if (value.kind == Attribute::Kind::text) value.text = batch.arena().copy(std::string(value.text) + tail);
  }
}

// A command line of 1 MiB, of pieces that many rules look for.
void add_huge(EventBatch& batch, std::uint64_t number) {
  Event& event = batch.add();
  event.add_text(FieldId::event_type, "audit");
  event.add_text(FieldId::type, "start");
  event.add_integer(FieldId::win_event_id, 1);
  event.add_text(FieldId::exe, R"(C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe)");
  std::string line = std::to_string(number);
  while (line.size() < kMiB) line += R"( -nop -w hidden IEX http://x C:\Users\Public\a.exe '+' \AppData\Local\Temp\ `)";
  event.add_text(FieldId::arguments, batch.arena().copy(line));
}

class Soak {
 public:
  explicit Soak(std::vector<std::filesystem::path> files)
      : files_(std::move(files)), detector_(std::make_shared<const RuleSet>()) {}

  // New rules, and events that none of the rounds before had.
  void round() {
    const auto rules = load_rule_files(files_, {});
    ASSERT_TRUE(rules.has_value());
    detector_.replace_rules(std::make_shared<const ActiveRules>(*rules));
    testing::RuleEvents maker(**rules, static_cast<std::uint32_t>(++rounds_));
    ASSERT_GT(maker.rules(), 0U);
    for (std::size_t i = 0; i < kBatches; ++i) {
      EventBatch batch;
      for (std::size_t k = 0; k < kEvents; ++k) maker.add(batch);
      for (std::size_t k = 0; k < kEvents; k += 2) make_unlike_others(batch, batch.events()[k], ++events_);
      add_huge(batch, events_);
      firings_ += detector_.detect(batch, 0).firings.size();
    }
  }

  std::size_t rounds() const { return rounds_; }
  std::size_t rules() const { return detector_.rules()->rules().size(); }
  std::size_t firings() const { return firings_; }

 private:
  std::vector<std::filesystem::path> files_;
  Detector detector_;
  std::size_t rounds_ = 0;
  std::size_t events_ = 0;
  std::size_t firings_ = 0;
};

TEST(SigmaSoak, MemoryDoesNotGrow) {
  SIGHTLINE_NEEDS_CORPUS("sigma");
  const std::filesystem::path folder = sightline::testing::corpora() / "sigma";
  auto files = find_rule_files(std::span(&folder, 1));
  ASSERT_TRUE(files.has_value());
  const char* given = std::getenv("SIGHTLINE_SOAK_SECONDS");
  const std::chrono::seconds duration(given == nullptr ? 0 : std::strtol(given, nullptr, 10));
  if (given == nullptr) files->resize(files->size() / 20);
  Soak soak(std::move(*files));
  std::size_t warm = 0;
  std::size_t most = 0;
  const auto end = std::chrono::steady_clock::now() + duration;
  while (soak.rounds() < 2 * kWarmUpRounds || std::chrono::steady_clock::now() < end) {
    ASSERT_NO_FATAL_FAILURE(soak.round());
    std::size_t& peak = soak.rounds() <= kWarmUpRounds ? warm : most;
    peak = std::max(peak, resident_bytes());
    ASSERT_LE(most, warm + kMayGrowBytes) << "in round " << soak.rounds();
  }
  EXPECT_GT(soak.firings(), soak.rounds());
  std::cout << fmt::format(
      "{} rules, swapped {} times, {} events, {} firings; resident: {} MiB at most in the first {} "
      "rounds, {} MiB afterwards, {} MiB now\n",
      soak.rules(), soak.rounds(), soak.rounds() * kBatches * (kEvents + 1), soak.firings(), warm / kMiB, kWarmUpRounds,
      most / kMiB, resident_bytes() / kMiB);
}

}  // namespace
}  // namespace sightline::detect
