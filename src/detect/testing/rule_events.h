// Events made of the values that rules compare with, so that most come close to firing some.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "detect/detector.h"
#include "event/event.h"
#include "query/ast.h"

namespace sightline::detect::testing {

// The same seed and rules give the same events. Not thread-safe.
class RuleEvents {
 public:
  // Does not keep the rules.
  RuleEvents(const RuleSet& rules, std::uint32_t seed);

  // How many rules have contributed what they look for; with none, no event can be made.
  std::size_t rules() const { return comparisons_.size(); }

  void add(EventBatch& batch);

 private:
  std::uint32_t below(std::size_t bound) { return random_() % static_cast<std::uint32_t>(bound); }
  void add_value(EventBatch& batch, Event& event, const query::Comparison& comparison);
  std::string text_for(const query::Comparison& comparison, const query::Literal& operand);
  std::string noise();

  std::mt19937 random_;
  std::vector<std::vector<query::Comparison>> comparisons_;  // of each rule
};

// Every comparison in the filter.
void collect_comparisons(const query::Expr& filter, std::vector<query::Comparison>& out);

}  // namespace sightline::detect::testing
