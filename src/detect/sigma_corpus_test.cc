// SigmaHQ's rules and its regression events.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>

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

// Kinds of states, as the rows of the table in docs/sigma.md begin.
std::string state_of(const Rule& rule) {
  const std::string& reason = rule.inactive_reason;
  if (reason.empty()) return "active";
  if (reason.starts_with("nothing here sends logs of ")) return "inactive: nothing here sends such logs";
  if (reason.starts_with("no source of these events records ")) return "inactive: no source records a field";
  return "inactive: " + reason;
}

std::string state_of(const RuleProblem& problem) {
  if (problem.message.starts_with("placeholder %")) return "refused: a placeholder";
  if (problem.message.contains("is an integer field")) return "refused: compares an HTTP status";
  return "refused: " + problem.message;
}

// The rows of the document's table with numbers: "3,148" and what is said of them.
std::map<std::string, std::size_t> documented_states() {
  std::map<std::string, std::size_t> rows;
  std::istringstream document(read_file(fs::path(SIGHTLINE_SOURCE_DIR) / "docs" / "sigma.md"));
  const std::regex row(R"(\| ([0-9,]+) \| (.*) \|)");
  for (std::string line; std::getline(document, line);) {
    std::smatch parts;
    if (!std::regex_match(line, parts, row)) continue;
    rows[parts[2]] = std::stoul(std::regex_replace(parts[1].str(), std::regex(","), ""));
  }
  return rows;
}

TEST(SigmaCorpus, EveryRuleIsActiveInactiveOrRefusedAsTheDocumentCountsThem) {
  SIGHTLINE_NEEDS_CORPUS("sigma");
  std::map<std::string, std::size_t> states;
  const auto rules = all_rules();
  for (const Rule& rule : rules->rules()) ++states[state_of(rule)];
  for (const RuleProblem& problem : rules->problems()) ++states[state_of(problem)];
  const auto documented = documented_states();
  EXPECT_EQ(states.size(), documented.size());
  for (const auto& [state, count] : states) {
    const auto row = std::ranges::find_if(documented, [&](const auto& each) { return each.first.starts_with(state); });
    EXPECT_EQ(row == documented.end() ? 0 : row->second, count) << state;
  }
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
