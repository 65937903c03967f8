#include "detect/detector.h"

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

Detector::Detector(std::shared_ptr<const RuleSet> rules) { replace_rules(std::move(rules)); }

Detection Detector::detect(const EventBatch& batch, std::int64_t now_ms) const {
  Detection detection{rules_, {}, {}};
  const CompiledRules& compiled = rules_->compiled();
  SessionPool::Lease lease(*sessions_);
  std::vector<std::uint32_t> fired;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const Event& event = batch.events()[i];
    if (event.find(FieldId::duplicate_of) != nullptr) continue;
    fired.clear();
    compiled.matcher.match(event, lease.session(), fired);
    for (const std::uint32_t rule : fired) {
      if (compiled.compiled[rule].is_silenced_for_now(event, now_ms)) continue;
      detection.firings.push_back({&compiled.rules[rule], {i}});
    }
  }
  return detection;
}

void Detector::apply(const StateDelta& /*delta*/) {}  // no rule has state yet

void Detector::replace_rules(std::shared_ptr<const RuleSet> rules) {
  sessions_.reset();  // before the matcher they are about
  rules_ = std::move(rules);
  sessions_ = std::make_unique<SessionPool>(rules_->compiled().matcher);
}

}  // namespace sightline::detect
