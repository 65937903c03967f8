#include "detect/active_rules.h"

#include <algorithm>
#include <map>

#include "detect/compiled_rules.h"

namespace sightline::detect {

ActiveRules::ActiveRules(std::shared_ptr<const RuleSet> rules)
    : ActiveRules({RuleLayer{std::move(rules)}}, {}, nullptr, {}) {}

ActiveRules::ActiveRules(std::vector<RuleLayer> layers, RuleIds disabled, const ActiveRules* previous,
                         const RuleIds& released) {
  std::map<std::string_view, Entry> by_id;
  for (RuleLayer& layer : layers) {
    const std::size_t index = layers_.size();
    const std::vector<Rule>& rules = layer.rules->rules();
    for (std::uint32_t number = 0; number < rules.size(); ++number) {
      const Rule& rule = rules[number];
      if (layer.hidden.contains(rule.id)) continue;
      const auto [place, fresh] = by_id.try_emplace(rule.id);
      const Rule* below = fresh ? nullptr : place->second.overrides ? place->second.overrides : place->second.rule;
      place->second = {&rule, nullptr, index, number, below, disabled.contains(rule.id)};
    }
    add_layer(std::move(layer.rules), previous);
  }
  entries_.reserve(by_id.size());
  for (auto& [id, entry] : by_id) entries_.push_back(std::move(entry));
  for (std::uint32_t i = 0; i < entries_.size(); ++i) admit(i, previous, released);
}

void ActiveRules::add_layer(std::shared_ptr<const RuleSet> rules, const ActiveRules* previous) {
  Layer& layer = layers_.emplace_back();
  const std::size_t count = rules->rules().size();
  layer.rules = std::move(rules);
  layer.left_out = std::make_unique<std::atomic<bool>[]>(count);
  for (std::size_t i = 0; i < count; ++i) layer.left_out[i] = true;
  layer.entries.assign(count, Layer::kHidden);
  if (previous != nullptr) {
    const auto same = std::ranges::find(previous->layers_, layer.rules, &Layer::rules);
    if (same != previous->layers_.end()) layer.sessions = same->sessions;
  }
  if (layer.sessions == nullptr) layer.sessions = std::make_shared<SessionPool>(layer.rules->compiled().matcher);
}

// Lets a rule be tried, unless something is against it.
void ActiveRules::admit(std::uint32_t position, const ActiveRules* previous, const RuleIds& released) {
  Entry& entry = entries_[position];
  const Entry* before = previous == nullptr ? nullptr : previous->find(entry.rule->id);
  entry.activity = before == nullptr ? std::make_shared<RuleActivity>() : before->activity;
  if (released.contains(entry.rule->id)) entry.activity->set_aside({});
  Layer& layer = layers_[entry.layer];
  layer.entries[entry.number] = position;
  layer.left_out[entry.number] = entry.disabled || !entry.activity->set_aside_reason().empty();
}

const ActiveRules::Entry* ActiveRules::find(std::string_view id) const {
  const auto found =
      std::ranges::lower_bound(entries_, id, {}, [](const Entry& e) -> std::string_view { return e.rule->id; });
  return found != entries_.end() && found->rule->id == id ? &*found : nullptr;
}

std::vector<const RuleProblem*> ActiveRules::problems() const {
  std::vector<const RuleProblem*> problems;
  for (const Layer& layer : layers_) {
    for (const RuleProblem& problem : layer.rules->problems()) problems.push_back(&problem);
  }
  return problems;
}

bool ActiveRules::set_aside(const Entry& entry, std::string reason) const {
  if (layers_[entry.layer].left_out[entry.number].exchange(true)) return false;
  entry.activity->set_aside(std::move(reason));
  return true;
}

}  // namespace sightline::detect
