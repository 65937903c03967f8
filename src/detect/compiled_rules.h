// What is behind a RuleSet.
#pragma once

#include <vector>

#include "detect/rule.h"
#include "detect/rule_index.h"
#include "query/predicate.h"

namespace sightline::detect {

struct CompiledRule {
  query::Predicate filter;
  std::vector<query::Predicate> suppressions;

  bool fires(const Event& event) const;
};

struct CompiledRules {
  std::vector<Rule> rules;             // by id
  std::vector<CompiledRule> compiled;  // the same order
  RuleIndex index;                     // of the enabled ones
  std::vector<RuleProblem> problems;   // by file, then by line
};

}  // namespace sightline::detect
