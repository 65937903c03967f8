#include "query/testing/random_pairs.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "query/checker.h"
#include "query/parser.h"
#include "query/predicate.h"
#include "query/text_form.h"

namespace sightline::query::testing {
namespace {

constexpr std::size_t kEvents = 100;
constexpr std::size_t kExpressions = 400;

Predicate compiled(const Expr& expr) {
  Result<Predicate> predicate = Predicate::compile(expr);
  if (!predicate) throw std::logic_error(predicate.error().message + " in " + to_string(expr));
  return std::move(*predicate);
}

Predicate compiled(std::string_view text, const RandomPairs& pairs) {
  std::expected<Expr, Diagnostic> expr = parse_expression(text);
  if (!expr) throw std::logic_error(render(expr.error(), text));
  const auto checked = check(*expr, {&pairs.catalog, pairs.now_ms});
  if (!checked) throw std::logic_error(render(checked.error(), text));
  return compiled(*expr);
}

// Whether two predicates agree on every event.
::testing::AssertionResult same_answers(const Predicate& left, const Predicate& right, const EventBatch& batch) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (left.matches(batch.events()[i]) != right.matches(batch.events()[i])) {
      return ::testing::AssertionFailure() << "they differ on event " << i;
    }
  }
  return ::testing::AssertionSuccess();
}

class RandomPairsTest : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  RandomPairs pairs_ = make_random_pairs(GetParam(), kEvents, kExpressions);
};

TEST_P(RandomPairsTest, NeitherAnswerIsRare) {
  std::size_t matches = 0;
  for (const RandomExpression& each : pairs_.expressions) {
    const Predicate predicate = compiled(each.expr);
    for (const Event& event : pairs_.events.events()) matches += predicate.matches(event) ? 1 : 0;
  }
  const double share = static_cast<double>(matches) / static_cast<double>(kEvents * kExpressions);
  RecordProperty("share", std::to_string(share));
  EXPECT_GT(share, 0.3) << share;
  EXPECT_LT(share, 0.7) << share;
}

TEST_P(RandomPairsTest, TheTextFormParsesToTheSameTree) {
  for (const RandomExpression& each : pairs_.expressions) {
    const std::string text = to_string(each.expr);
    std::expected<Expr, Diagnostic> again = parse_expression(text);
    ASSERT_TRUE(again.has_value()) << each.text << '\n' << render(again.error(), text);
    ASSERT_TRUE(check(*again, {&pairs_.catalog, pairs_.now_ms}).has_value());
    ASSERT_EQ(to_tree(*again), to_tree(each.expr)) << each.text;
    ASSERT_EQ(to_string(*again), text);
  }
}

TEST_P(RandomPairsTest, NotNegates) {
  for (const RandomExpression& each : pairs_.expressions) {
    const Predicate plain = compiled(each.expr);
    const Predicate negated = compiled(fmt::format("NOT ({})", each.text), pairs_);
    for (const Event& event : pairs_.events.events()) {
      ASSERT_NE(plain.matches(event), negated.matches(event)) << each.text;
    }
    ASSERT_TRUE(same_answers(plain, compiled(fmt::format("NOT NOT ({})", each.text), pairs_), pairs_.events));
  }
}

TEST_P(RandomPairsTest, DeMorgan) {
  for (std::size_t i = 0; i + 1 < pairs_.expressions.size(); ++i) {
    const std::string& a = pairs_.expressions[i].text;
    const std::string& b = pairs_.expressions[i + 1].text;
    const Predicate neither = compiled(fmt::format("NOT (({}) OR ({}))", a, b), pairs_);
    const Predicate both_not = compiled(fmt::format("NOT ({}) AND NOT ({})", a, b), pairs_);
    ASSERT_TRUE(same_answers(neither, both_not, pairs_.events)) << a << '\n' << b;
  }
}

TEST_P(RandomPairsTest, AnEventIsItselfOrNotWhateverItsValues) {
  // f = v or f != v holds for every event, also where f is null; f <= v is f < v or f = v where values are texts.
  for (const std::string_view field : {"user", "args", "exe", "path"}) {
    for (const std::string_view value : {"root", "", "/usr/bin/curl", "\\xff\\xfe"}) {
      const Predicate always = compiled(fmt::format(R"({0} = "{1}" OR {0} != "{1}")", field, value), pairs_);
      const Predicate at_most = compiled(fmt::format(R"({0} <= "{1}")", field, value), pairs_);
      const Predicate less_or_equal = compiled(fmt::format(R"({0} < "{1}" OR {0} = "{1}")", field, value), pairs_);
      for (const Event& event : pairs_.events.events()) ASSERT_TRUE(always.matches(event));
      ASSERT_TRUE(same_answers(at_most, less_or_equal, pairs_.events)) << field << ' ' << value;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomPairsTest, ::testing::Range<std::uint64_t>(1, 6));

TEST(RandomPairs, DependOnTheSeedAlone) {
  const RandomPairs one = make_random_pairs(7, 5, 20);
  const RandomPairs two = make_random_pairs(7, 5, 20);
  for (std::size_t i = 0; i < one.expressions.size(); ++i) EXPECT_EQ(one.expressions[i].text, two.expressions[i].text);
  EXPECT_NE(one.expressions.front().text, make_random_pairs(8, 5, 1).expressions.front().text);
}

}  // namespace
}  // namespace sightline::query::testing
