#include "detect/lint.h"

#include <gmock/gmock.h>

#include "detect/detect_testing.h"

namespace sightline::detect {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::load;
using testing::rule_yaml;

std::vector<std::string> doubts_of(std::vector<std::string> yamls) {
  const auto rules = load(std::move(yamls));
  std::vector<std::string> doubts;
  for (const Doubt& doubt : find_doubts(*rules)) doubts.push_back(doubt.rule->id + " " + doubt.message);
  return doubts;
}

constexpr std::string_view kTag = "tags: [attack.t1059]\n";

TEST(Lint, NamesRulesThatAnotherCovers) {
  EXPECT_THAT(doubts_of({rule_yaml("wide", "exe = '/x'", kTag), rule_yaml("narrow", "pid = 1 AND exe = '/x'", kTag)}),
              ElementsAre("narrow only fires where rule wide fires too"));
  EXPECT_THAT(
      doubts_of({rule_yaml("a", "pid = 1 AND exe = '/x'", kTag), rule_yaml("b", "exe = '/x' AND pid = 1", kTag)}),
      ElementsAre("b asks for the same as rule a"));
  EXPECT_THAT(
      doubts_of({rule_yaml("a", "exe = '/x' AND pid = 1", kTag), rule_yaml("b", "exe = '/x' AND pid = 2", kTag)}),
      IsEmpty());
  EXPECT_THAT(doubts_of({rule_yaml("a", "exe = '/x'", std::string(kTag) + "enabled: false\n"),
                         rule_yaml("b", "exe = '/x'", kTag)}),
              IsEmpty());
}

TEST(Lint, NamesRulesWithoutATechnique) {
  EXPECT_THAT(doubts_of({rule_yaml("a", "pid = 1")}), ElementsAre("a has no tag of ATT&CK (attack.…)"));
  EXPECT_THAT(doubts_of({rule_yaml("a", "pid = 1", kTag)}), IsEmpty());
}

}  // namespace
}  // namespace sightline::detect
