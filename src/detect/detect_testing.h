// What tests of this module share.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "detect/rule_loader.h"

namespace sightline::detect::testing {

// The smallest rule with this filter; `more` are further lines of YAML.
inline std::string rule_yaml(std::string_view id, std::string_view filter, std::string_view more = {}) {
  return std::string("id: ")
      .append(id)
      .append("\ntitle: t\nseverity: 2\nfilter: ")
      .append(filter)
      .append("\n")
      .append(more);
}

inline std::shared_ptr<const RuleSet> load(std::vector<std::string> yamls, const LoadOptions& options = {}) {
  std::vector<RuleText> texts;
  for (std::string& yaml : yamls) texts.push_back({"rules/" + std::to_string(texts.size()) + ".yaml", std::move(yaml)});
  return load_rules(texts, options);
}

// The one problem that loading a file gives.
inline RuleProblem problem_of(std::string yaml) {
  const auto rules = load({std::move(yaml)});
  EXPECT_EQ(rules->problems().size(), 1U);
  EXPECT_TRUE(rules->rules().empty());
  return rules->problems().empty() ? RuleProblem{} : rules->problems().front();
}

}  // namespace sightline::detect::testing
