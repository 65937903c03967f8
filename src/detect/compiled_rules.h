// What is behind a RuleSet.
#pragma once

#include <vector>

#include "detect/matcher/matcher.h"
#include "detect/rule.h"
#include "detect/ruleset.h"
#include "detect/sigma/document.h"
#include "detect/sigma/mapping.h"
#include "detect/sigma/placeholders.h"
#include "query/predicate.h"

namespace sightline::detect {

// One rule by itself. Detection asks the matcher, which knows all rules at once and says the same.
struct CompiledRule {
  query::Predicate filter;
  std::vector<query::Predicate> suppressions;  // that never expire

  struct Expiring {
    query::Predicate suppression;
    std::int64_t expires_ms = 0;
  };
  std::vector<Expiring> expiring;

  // Suppressions that expire are taken to be in force.
  bool fires(const Event& event) const;
  // Whether one that has not expired yet silences the event.
  bool is_silenced_for_now(const Event& event, std::int64_t now_ms) const;
};

struct CompiledRules {
  std::vector<Rule> rules;             // by id
  std::vector<CompiledRule> compiled;  // the same order
  Matcher matcher;                     // of the enabled ones, by their positions in `rules`
  std::vector<RuleProblem> problems;   // by file, then by line
  // What they were compiled with: what rules laid over them are compiled with, too.
  sigma::Mapping mapping;
  sigma::Placeholders placeholders;
  // What the texts held beside rules.
  std::vector<sigma::FilterDocument> filters;
  std::vector<Ruleset> rulesets;
};

}  // namespace sightline::detect
