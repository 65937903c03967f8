// Bad and hostile documents of Sigma: each is told with file, line and advice, and the others of the same run load.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "detect/compiled_rules.h"
#include "detect/detect_testing.h"
#include "detect/rule_filter.h"

namespace sightline::detect {
namespace {

using ::testing::HasSubstr;
using testing::load;

std::string rule(std::string_view id, std::string_view detection) {
  return fmt::format("title: T\nid: {}\nlogsource: {{product: linux}}\ndetection:\n  {}\n  condition: s\n", id,
                     detection);
}

// Loads the text between two good rules; gives the one problem it makes.
RuleProblem problem_among_others(std::string text) {
  const auto rules = load({rule("first", "s: {F: a}"), std::move(text), rule("last", "s: {F: b}")});
  EXPECT_NE(rules->find("first"), nullptr);
  EXPECT_NE(rules->find("last"), nullptr);
  EXPECT_EQ(rules->rules().size(), 2U);
  EXPECT_EQ(rules->problems().size(), 1U);
  if (rules->problems().empty()) return {};
  const RuleProblem& problem = rules->problems().front();
  EXPECT_EQ(problem.file, "rules/1.yaml");
  EXPECT_FALSE(problem.hint.empty()) << problem.message;
  return problem;
}

TEST(SigmaInput, IsToldWithItsPlaceAndAdvice) {
  struct Bad {
    std::string text;
    std::size_t line;
    std::string_view message;
  };
  const std::string head = "title: T\nid: x\nlogsource: {product: linux}\ndetection:\n";
  const std::vector<Bad> all{
      {head + "  s: {F: a\n  condition: s\n", 6, "not valid YAML"},
      {head + "  s: {F: [a}\n", 5, "not valid YAML"},
      {head + "  s: {F: 'a}\n  condition: s\n", 7, "not valid YAML"},
      {head + "  a: &a [x, x]\n  b: &b [*a, *a]\n  c: &c [*b, *b]\n  condition: c\n", 6, "alias"},
      {rule("x", "s: {F|re: '(a{1000}){1000}'}"), 5, "invalid repetition size"},
      {rule("x", "s: {F|re: '(\\pL{100}){9}'}"), 5, "too large"},
      {rule("x", fmt::format("s: {{F|re: '{}a{}'}}", std::string(500, '('), std::string(500, ')'))), 5, "groups"},
      {rule("x", "s: {F|expand: '%Nobody%'}"), 5, "%Nobody%"},
      {rule("x", "s: {F|windash: '-a -b -c -d -e -f'}"), 5, "spellings"},
      {rule("first", "s: {F: c}"), 2, "taken by rules/0.yaml:2"},
      {rule("not an id", "s: {F: c}"), 2, "id \"not an id\""},
      {head + "  s: {F: a}\n", 5, "no \"condition\""},
      {"title: T\nid: x\nlogsource: {}\ndetection: {s: {F: a}, condition: s}\n", 3, "names no category"},
      {"id: x\nlogsource: {product: linux}\ndetection: {s: {F: a}, condition: s}\n", 1, "no \"title\""},
      {"title: T\nid: x\ndetection: {s: {F: a}, condition: s}\n", 1, "no \"logsource\""},
      {"title: T\nid: x\ncorrelation: {type: event_count}\n", 3, "correlation rules are not supported"},
  };
  for (const Bad& bad : all) {
    SCOPED_TRACE(bad.text.substr(0, 300));
    const RuleProblem problem = problem_among_others(bad.text);
    EXPECT_THAT(problem.message, HasSubstr(bad.message));
    EXPECT_EQ(problem.line, bad.line);
  }
}

TEST(SigmaInput, ABadFilterIsToldAndLeavesTheRulesAsTheyAre) {
  const std::string head = "title: Known hosts\nlogsource: {product: linux}\nfilter:\n";
  EXPECT_EQ(problem_among_others(head + "  rules: any\n  s: {F|odd: a}\n  condition: not s\n").line, 5U);
  EXPECT_EQ(problem_among_others(head + "  rules: any\n  s: {F: a}\n  condition: not t\n").line, 6U);
  EXPECT_THAT(problem_among_others(head + "  s: {F: a}\n  condition: not s\n").message, HasSubstr("names no rules"));
}

// Of fields that a log source does not have.
TEST(SigmaInput, AFilterOfAFieldThatNobodyRecordsHasNoEffect) {
  const auto rules =
      load({"title: T\nid: r\nlogsource: {product: linux, category: process_creation}\ndetection: {s: {Image: a}, "
            "condition: s}\n",
            "title: F\nlogsource: {product: linux}\nfilter: {rules: any, s: {Company: a}, condition: not s}\n"});
  ASSERT_TRUE(rules->problems().empty()) << to_string(rules->problems().front());
  ASSERT_EQ(rules->rules().size(), 1U);
  EXPECT_EQ(rules->rules().front().inactive_reason, "");
}

std::string values(std::size_t count) {
  std::string list;
  for (std::size_t i = 0; i < count; ++i) list += fmt::format("{}value{}", i == 0 ? "" : ",", i);
  return list;
}

TEST(SigmaInput, TenThousandLiteralsOfOneRuleLoadAndCanBeReadAgain) {
  for (const std::string_view key : {"F", "F|contains", "F|re", "'|all'"}) {
    SCOPED_TRACE(key);
    const auto rules = load({rule("many", fmt::format("s: {{{}: [{}]}}", key, values(10'000)))});
    ASSERT_TRUE(rules->problems().empty()) << to_string(rules->problems().front());
    EXPECT_TRUE(read_filter(rules->rules().front().filter).has_value());
  }
}

TEST(SigmaInput, IsBoundedInWhatItComesTo) {
  EXPECT_THAT(problem_among_others(rule("x", fmt::format("s: {{F: [{}]}}", values(20'001)))).message,
              HasSubstr("more than 20000 values"));
  // Nine values of 3,125 spellings each.
  std::string dashes;
  for (int i = 0; i < 9; ++i) dashes += fmt::format("{}'-a{} -b -c -d -e'", i == 0 ? "" : ",", i);
  EXPECT_THAT(problem_among_others(rule("x", fmt::format("s: {{F|windash: [{}]}}", dashes))).message,
              HasSubstr("more than 20000 values"));
  // What a condition names again counts again.
  EXPECT_THAT(problem_among_others("title: T\nlogsource: {product: linux}\ndetection:\n  s: {F: [" + values(4'000) +
                                   "]}\n  condition: s or s or s or s or s or s\n")
                  .message,
              HasSubstr("more than 20000 values"));
  const auto nested = [](const std::string& condition) {
    return problem_among_others(
               "title: T\nlogsource: {product: linux}\ndetection:\n  s: {F: a}\n  condition: " + condition + "\n")
        .message;
  };
  EXPECT_THAT(nested(std::string(1'000, '(') + "s" + std::string(1'000, ')')), HasSubstr("levels deep"));
  std::string nots;
  for (int i = 0; i < 1'000; ++i) nots += "not ";
  EXPECT_THAT(nested(nots + "s"), HasSubstr("levels deep"));
  std::string words = "s";
  for (int i = 0; i < 3'000; ++i) words += " or s";
  EXPECT_THAT(nested(words), HasSubstr("more than 4096 words"));
}

TEST(SigmaInput, TheDeepestConditionThatLoadsCanBeReadAgain) {
  std::string condition = "s";
  for (int i = 0; i < 60; ++i) condition = fmt::format("({} {} s)", condition, i % 2 == 0 ? "and not" : "or");
  const auto rules =
      load({"title: T\nlogsource: {product: linux}\ndetection:\n  s: {F: a, G: b}\n  condition: " + condition + "\n"});
  ASSERT_TRUE(rules->problems().empty()) << to_string(rules->problems().front());
  EXPECT_TRUE(read_filter(rules->rules().front().filter).has_value());
}

}  // namespace
}  // namespace sightline::detect
