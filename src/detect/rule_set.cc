#include "detect/rule_set.h"

#include <algorithm>

#include "detect/compiled_rules.h"

namespace sightline::detect {

bool CompiledRule::is_silenced_for_now(const Event& event, std::int64_t now_ms) const {
  return std::ranges::any_of(
      expiring, [&](const Expiring& each) { return now_ms < each.expires_ms && each.suppression.matches(event); });
}

bool CompiledRule::fires(const Event& event) const {
  return filter.matches(event) && !is_silenced_for_now(event, INT64_MIN) &&
         std::ranges::none_of(suppressions,
                              [&](const query::Predicate& suppression) { return suppression.matches(event); });
}

RuleSet::RuleSet() : compiled_(std::make_unique<const CompiledRules>()) {}
RuleSet::RuleSet(std::unique_ptr<const CompiledRules> compiled) : compiled_(std::move(compiled)) {}
RuleSet::~RuleSet() = default;

const std::vector<Rule>& RuleSet::rules() const { return compiled_->rules; }
const std::vector<RuleProblem>& RuleSet::problems() const { return compiled_->problems; }

const Rule* RuleSet::find(std::string_view id) const {
  const auto found = std::ranges::lower_bound(rules(), id, {}, &Rule::id);
  return found != rules().end() && found->id == id ? &*found : nullptr;
}

}  // namespace sightline::detect
