// A set of rules that was loaded.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "detect/rule.h"

namespace sightline::detect {

struct CompiledRules;

// Rules that loaded, compiled, and the problems of those that did not. Immutable; thread-safe; swapped whole.
// Made by load_rules() (rule_loader.h).
class RuleSet {
 public:
  RuleSet();  // empty
  explicit RuleSet(std::unique_ptr<const CompiledRules> compiled);
  ~RuleSet();
  RuleSet(const RuleSet&) = delete;
  RuleSet& operator=(const RuleSet&) = delete;

  // Every rule that loaded, disabled ones included, by id.
  const std::vector<Rule>& rules() const;
  const std::vector<RuleProblem>& problems() const;
  const Rule* find(std::string_view id) const;
  const CompiledRules& compiled() const { return *compiled_; }

 private:
  std::unique_ptr<const CompiledRules> compiled_;
};

}  // namespace sightline::detect
