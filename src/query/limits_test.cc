// Bounds on what a query may cost, and that the documents say what the code does.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "query/checker.h"
#include "query/parser.h"
#include "query/predicate.h"
#include "query/text_form.h"

namespace sightline::query {
namespace {

std::string repeat(std::string_view part, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += part;
  return text;
}

std::string error_of(std::string_view text, const ParseOptions& options = {}) {
  const auto query = parse(text, options);
  return query ? "" : query.error().message;
}

TEST(Limits, Depth) {
  EXPECT_EQ(error_of(repeat("(", 64) + "a = 1" + repeat(")", 64)), "");
  EXPECT_EQ(error_of(repeat("(", 65) + "a = 1" + repeat(")", 65)), "more than 64 levels of parentheses and NOT");
  EXPECT_EQ(error_of(repeat("NOT ", 64) + "a = 1"), "");
  EXPECT_EQ(error_of(repeat("NOT ", 65) + "a = 1"), "more than 64 levels of parentheses and NOT");
  EXPECT_EQ(error_of(repeat("NOT(", 15'000)), "more than 64 levels of parentheses and NOT");
  EXPECT_EQ(error_of(repeat("(", 60'000)), "more than 64 levels of parentheses and NOT");
}

TEST(Limits, DeepTreesPassCheckAndCompile) {
  auto expr = parse_expression(repeat("(pid = 1 OR pid = 2 AND ", 63) + "pid = 3" + repeat(")", 63));
  ASSERT_TRUE(expr.has_value()) << expr.error().message;
  ASSERT_TRUE(check(*expr, {}).has_value());
  EXPECT_TRUE(Predicate::compile(*expr).has_value());
  EXPECT_TRUE(parse_expression(to_string(*expr)).has_value());
}

TEST(Limits, TreesFromElsewhereAreBounded) {
  Expr expr{FreeText{{"x", true, {}, {}, {}, {}}}, {}};
  for (int i = 0; i < 300; ++i) expr = Expr{Not{std::make_unique<Expr>(std::move(expr))}, {}};
  EXPECT_FALSE(check(expr, {}).has_value());
  for (int i = 0; i < 300; ++i) expr = Expr{Not{std::make_unique<Expr>(std::move(expr))}, {}};
  EXPECT_FALSE(Predicate::compile(expr).has_value());
}

TEST(Limits, TreesFromElsewhereAreComplete) {
  Expr none{And{}, {}};
  EXPECT_FALSE(check(none, {}).has_value());
  Expr negation{Not{}, {}};
  EXPECT_FALSE(check(negation, {}).has_value());
  EXPECT_FALSE(Predicate::compile(negation).has_value());
  Expr comparison{Comparison{{"user", {}, {}}, Comparator::equals, false, {}}, {}};
  EXPECT_FALSE(Predicate::compile(comparison).has_value()) << "it has no targets yet";
  EXPECT_FALSE(check(comparison, {}).has_value());
  Literal literal{"x", true, {}, {}, {}, {}};
  Expr regex{Comparison{{"user", {}, {}}, Comparator::matches, true, {literal}}, {}};
  EXPECT_FALSE(check(regex, {}).has_value()) << "(?i) says that";
}

TEST(Limits, Size) {
  EXPECT_EQ(error_of(std::string(64 * 1024, ' ')), "");
  EXPECT_EQ(error_of(std::string(64 * 1024 + 1, ' ')), "the query has 65537 bytes, more than 65536");
}

TEST(Limits, Values) {
  const std::string full = "pid IN (1" + repeat(",1", 9'999) + ")";
  EXPECT_EQ(error_of(full), "");
  EXPECT_EQ(error_of("pid IN (1" + repeat(",1", 10'000) + ")"), "more than 10000 values in one IN");
}

TEST(Limits, Comparisons) {
  ParseOptions options;
  options.max_text_bytes = 1 << 20;
  EXPECT_EQ(error_of("\"x\"" + repeat(" OR \"x\"", 9'999), options), "");
  EXPECT_EQ(error_of("\"x\"" + repeat(" OR \"x\"", 10'000), options), "more than 10000 comparisons");
}

TEST(Limits, Stages) {
  EXPECT_EQ(error_of("| count by a" + repeat(",a", 8)), "more than 8 fields");
  EXPECT_EQ(error_of("| fields a" + repeat(",a", 100)), "more than 100 fields");
  EXPECT_EQ(error_of(repeat("| limit 1", 17)), "more than 16 pipes");
}

TEST(Check, RelativeTimesNeedANow) {
  auto expr = parse_expression("event_time > now-15m");
  ASSERT_TRUE(expr.has_value());
  EXPECT_FALSE(check(*expr, {nullptr, std::nullopt}).has_value());
  EXPECT_TRUE(check(*expr, {nullptr, 1'000'000'000}).has_value());
  // Checking again replaces what the first check wrote.
  EXPECT_TRUE(check(*expr, {nullptr, 2'000'000'000}).has_value());
  EXPECT_EQ(std::get<Comparison>(expr->node).operands[0].time->begin_ms, 2'000'000'000 - 15 * 60'000);
  EXPECT_EQ(std::get<Comparison>(expr->node).field.targets.size(), 1U);
}

TEST(Check, TreesWithManyOperandsHaveAText) {
  auto expr = parse_expression(R"(user IN ("a", "b"))");
  ASSERT_TRUE(expr.has_value());
  std::get<Comparison>(expr->node).ignore_case = true;
  EXPECT_EQ(to_string(*expr), R"(user ieq "a" OR user ieq "b")");
  const Expr negated{Not{std::make_unique<Expr>(std::move(*expr))}, {}};
  EXPECT_EQ(to_string(negated), R"(NOT (user ieq "a" OR user ieq "b"))");
}

// The lines between two marks, without the comment's slashes.
std::string grammar_in(const std::string& file, std::string_view prefix) {
  std::ifstream in(SIGHTLINE_SOURCE_DIR "/" + file);
  std::string grammar;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    const bool begins = line.starts_with(std::string(prefix) + "query      = ");
    inside = inside || begins;
    if (!inside) continue;
    const bool blank = line == "//" || line.empty();
    if (!blank && !line.starts_with(prefix)) break;
    if (line == "```") break;
    grammar += (blank ? "" : line.substr(prefix.size())) + "\n";
    if (line.find("digits     = ") != std::string::npos) break;
  }
  return grammar;
}

TEST(Documents, TheGrammarIsTheOneAboveTheParser) {
  const std::string code = grammar_in("src/query/parser.cc", "//   ");
  ASSERT_GT(code.size(), 500U);
  EXPECT_EQ(grammar_in("docs/query-language.md", ""), code);
}

TEST(Documents, EveryQueryOfTheFirstExampleIsRight) {
  std::ifstream in(SIGHTLINE_SOURCE_DIR "/docs/query-language.md");
  std::string line;
  while (std::getline(in, line) && line != "```") {
  }
  std::size_t count = 0;
  while (std::getline(in, line) && line != "```") {
    auto query = parse(line);
    ASSERT_TRUE(query.has_value()) << render(query.error(), line);
    const auto checked = check(*query, {nullptr, 1'700'000'000'000});
    ASSERT_TRUE(checked.has_value()) << render(checked.error(), line);
    ++count;
  }
  EXPECT_GE(count, 5U);
}

}  // namespace
}  // namespace sightline::query
