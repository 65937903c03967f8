// SigmaHQ's rules and its regression events.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <regex>
#include <set>

#include "detect/compiled_rules.h"
#include "detect/rule_loader.h"
#include "sources/formats/formats.h"
#include "testing/corpora.h"

namespace sightline::detect {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFiles = 3'754;
constexpr std::size_t kCases = 98;

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::shared_ptr<const RuleSet> all_rules() {
  static const auto kRules = [] {
    const fs::path folder = sightline::testing::corpora() / "sigma";
    auto rules = load_rule_files(std::span(&folder, 1), {});
    EXPECT_TRUE(rules.has_value());
    return rules.value_or(std::make_shared<const RuleSet>());
  }();
  return kRules;
}

// The reason without what is particular to a rule.
std::string kind_of(const std::string& reason) {
  static const std::regex kNames(R"("[^"]*"|%[^%]*%|product .*|category .*|service .*|^[A-Za-z.]+ (?=is an))");
  return std::regex_replace(reason, kNames, "…");
}

TEST(SigmaCorpus, EveryRuleIsActiveInactiveOrRefusedWithAReason) {
  SIGHTLINE_NEEDS_CORPUS("sigma");
  std::map<std::string, std::size_t> states;
  const auto rules = all_rules();
  for (const Rule& rule : rules->rules()) {
    ++states[rule.inactive_reason.empty() ? "active" : "inactive: " + kind_of(rule.inactive_reason)];
  }
  for (const RuleProblem& problem : rules->problems()) {
    EXPECT_FALSE(problem.message.empty());
    ++states["refused: " + kind_of(problem.message)];
  }
  for (const auto& [state, count] : states) std::cout << fmt::format("{:5} {}\n", count, state);
  EXPECT_EQ(rules->rules().size() + rules->problems().size(), kFiles);
  EXPECT_LE(rules->problems().size(), kFiles / 100);
}

// The rule that a case is about, and its events.
struct RegressionCase {
  std::string rule_id;
  sources::Decoded decoded;
};

RegressionCase read_case(const fs::path& folder) {
  RegressionCase made;
  const std::string info = read_file(folder / "info.yml");
  std::smatch id;
  const std::regex pattern(R"(rule_metadata:\s*- id: ([0-9a-f-]+))");
  if (std::regex_search(info, id, pattern)) made.rule_id = id[1];
  const auto decoder = sources::make_decoder(sources::Format::winevent, {});
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") decoder->write(read_file(entry.path()), made.decoded);
  }
  decoder->finish(made.decoded);
  return made;
}

TEST(SigmaCorpus, EveryRegressionCaseFiresItsRule) {
  SIGHTLINE_NEEDS_CORPUS("sigma");
  const Detector detector(all_rules());
  std::size_t cases = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(sightline::testing::corpora() / "sigma-regression")) {
    if (!entry.is_directory()) continue;
    ++cases;
    const RegressionCase test = read_case(entry.path());
    EXPECT_TRUE(test.decoded.rejected.empty()) << entry.path();
    std::set<std::string> fired;
    const Detection detection = detector.detect(test.decoded.events, 0);
    for (const Firing& firing : detection.firings) fired.insert(firing.rule->id);
    EXPECT_TRUE(fired.contains(test.rule_id)) << entry.path();
  }
  EXPECT_EQ(cases, kCases);
}

}  // namespace
}  // namespace sightline::detect
