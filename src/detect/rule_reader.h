// Phase 1 of loading: from the text of a file to definitions, each value with its place.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detect/rule.h"
#include "detect/ruleset.h"
#include "detect/sigma/document.h"
#include "detect/yaml/yaml_document.h"

namespace sightline::detect {

inline constexpr std::size_t kMaxRuleTextBytes = 64UL * 1024;  // of one value: a filter, a description
inline constexpr std::size_t kMaxRuleListItems = 1000;

// A rule as written: shape and limits hold, nothing is resolved. `rule.title` and `event_types` are not set yet.
struct RuleDefinition {
  Rule rule;
  std::optional<sigma::Detection> sigma;  // of a Sigma rule, whose title is set and which has no filter
  YamlNode id;
  YamlNode title;
  YamlNode filter;
  std::vector<YamlNode> suppressions;
};

struct ReadRules {
  std::vector<RuleDefinition> definitions;
  std::vector<sigma::FilterDocument> filters;
  std::vector<Ruleset> rulesets;
  std::vector<RuleProblem> problems;
};

// Every document of the text is one rule, ours or Sigma's, one of Sigma's filters, or a ruleset. A document with a
// mistake becomes a problem, the others are read; a text that is no YAML is one problem.
ReadRules read_rules(std::string_view file, std::string_view text);

}  // namespace sightline::detect
