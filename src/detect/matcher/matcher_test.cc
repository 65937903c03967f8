// The matcher against query::Predicate tried with every rule: no difference, whatever the rules and events.
#include "detect/matcher/matcher.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "query/checker.h"
#include "query/parser.h"
#include "query/testing/random_pairs.h"
#include "query/testing/random_source.h"

namespace sightline::detect {
namespace {

using query::testing::RandomSource;

[[maybe_unused]] query::Expr checked(const std::string& text) {
  auto expr = query::parse_expression(text);
  if (!expr) throw std::logic_error(text + ": " + expr.error().message);
  static const std::vector<std::string> kPaths{"custom.value", "custom.number"};
  const query::SetPathCatalog catalog{kPaths};
  if (const auto good = query::check(*expr, {&catalog, std::nullopt}); !good) {
    throw std::logic_error(text + ": " + good.error().message);
  }
  return std::move(*expr);
}

// Rules with both evaluators.
class Rules {
 public:
  void add(const std::string& filter, const std::vector<std::string>& suppressions = {}) {
    std::vector<query::Expr> silences;
    for (const std::string& text : suppressions) silences.push_back(checked(text));
    add(checked(filter), filter, silences);
  }

  void add(const query::Expr& filter, const std::string& text, std::span<const query::Expr> suppressions = {}) {
    std::vector<query::Predicate> silences;
    for (const query::Expr& each : suppressions) silences.push_back(*query::Predicate::compile(each));
    const auto number = static_cast<std::uint32_t>(oracle_.size());
    ASSERT_TRUE(builder_.add(number, filter, silences)) << text;
    oracle_.push_back({*query::Predicate::compile(filter), silences, text});
  }

  void build() { matcher_ = std::move(builder_).build(); }
  const Matcher& matcher() const { return matcher_; }

  std::vector<std::uint32_t> expected(const Event& event) const {
    std::vector<std::uint32_t> fired;
    for (std::uint32_t i = 0; i < oracle_.size(); ++i) {
      const bool silenced =
          std::ranges::any_of(oracle_[i].suppressions, [&](const auto& each) { return each.matches(event); });
      if (oracle_[i].filter.matches(event) && !silenced) fired.push_back(i);
    }
    return fired;
  }

  // The number of firings.
  std::size_t compare(const EventBatch& batch, Matcher::Session& session) const {
    std::size_t firings = 0;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const Event& event = batch.events()[i];
      std::vector<std::uint32_t> fired;
      matcher_.match(event, session, fired);
      const std::vector<std::uint32_t> wanted = expected(event);
      firings += wanted.size();
      if (fired == wanted) continue;
      std::vector<std::uint32_t> different;
      std::ranges::set_symmetric_difference(fired, wanted, std::back_inserter(different));
      for (const std::uint32_t rule : different) ADD_FAILURE() << "event " << i << ", " << oracle_[rule].text;
      if (different.empty()) ADD_FAILURE() << "not ascending, or not once each";
    }
    return firings;
  }

 private:
  struct Oracle {
    query::Predicate filter;
    std::vector<query::Predicate> suppressions;
    std::string text;
  };
  Matcher::Builder builder_;
  Matcher matcher_;
  std::vector<Oracle> oracle_;
};

class RandomRules : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(RandomRules, FireAsPredicatesSay) {
  const auto pairs = query::testing::make_random_pairs(GetParam(), 150, 400);
  Rules rules;
  for (const auto& each : pairs.expressions) rules.add(each.expr, each.text);
  rules.build();
  Matcher::Session session(rules.matcher());
  EXPECT_GT(rules.compare(pairs.events, session), 5'000U);
  rules.compare(pairs.events, session);  // once more, now that the session remembers values
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomRules, ::testing::Range<std::uint64_t>(1, 21));

}  // namespace
}  // namespace sightline::detect
