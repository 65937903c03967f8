// What is behind a RuleSet.
#pragma once

#include <vector>

#include "detect/matcher/matcher.h"
#include "detect/rule.h"
#include "query/predicate.h"

namespace sightline::detect {

// One rule by itself. Detection asks the matcher, which knows all rules at once and says the same.
struct CompiledRule {
  query::Predicate filter;
  std::vector<query::Predicate> suppressions;

  bool fires(const Event& event) const;
};

struct CompiledRules {
  std::vector<Rule> rules;             // by id
  std::vector<CompiledRule> compiled;  // the same order
  Matcher matcher;                     // of the enabled ones, by their positions in `rules`
  std::vector<RuleProblem> problems;   // by file, then by line
};

}  // namespace sightline::detect
