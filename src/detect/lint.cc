#include "detect/lint.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <unordered_map>

#include "detect/rule_filter.h"
#include "query/text_form.h"

namespace sightline::detect {
namespace {

// The conditions that must hold together, as text; one that is no AND is one condition.
void collect_conditions(const query::Expr& expr, std::set<std::string>& conditions) {
  if (const auto* both = std::get_if<query::And>(&expr.node)) {
    for (const query::Expr& operand : both->operands) collect_conditions(operand, conditions);
  } else {
    conditions.insert(query::to_string(expr));
  }
}

struct Shape {
  const Rule* rule = nullptr;
  std::set<std::string> conditions;
};

std::vector<Shape> shapes_of(const RuleSet& rules) {
  std::vector<Shape> shapes;
  for (const Rule& rule : rules.rules()) {
    if (!rule.inactive_reason.empty()) continue;
    const auto filter = read_filter(rule.filter);
    if (!filter) continue;
    Shape& shape = shapes.emplace_back();
    shape.rule = &rule;
    collect_conditions(*filter, shape.conditions);
  }
  return shapes;
}

// Rules whose conditions are among those of others. Each rule is looked up under its rarest condition.
class Shadows {
 public:
  explicit Shadows(const std::vector<Shape>& shapes) : shapes_(shapes) {
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      for (const std::string& condition : shapes[i].conditions) by_condition_[condition].push_back(i);
    }
  }

  template <class Found>
  void each(const Found& found) const {
    for (std::size_t i = 0; i < shapes_.size(); ++i) {
      if (!shapes_[i].rule->suppressions.empty()) continue;  // then it may stay silent where the other does not
      for (const std::size_t other : rarest(shapes_[i])) {
        if (other == i || !contains(shapes_[other], shapes_[i])) continue;
        const bool same = shapes_[other].conditions.size() == shapes_[i].conditions.size();
        if (!same || i < other) found(shapes_[i], shapes_[other], same);
      }
    }
  }

 private:
  const std::vector<std::size_t>& rarest(const Shape& shape) const {
    const std::vector<std::size_t>* best = nullptr;
    for (const std::string& condition : shape.conditions) {
      const std::vector<std::size_t>& rules = by_condition_.at(condition);
      if (best == nullptr || rules.size() < best->size()) best = &rules;
    }
    return *best;
  }
  static bool contains(const Shape& larger, const Shape& smaller) {
    return std::ranges::includes(larger.conditions, smaller.conditions);
  }

  const std::vector<Shape>& shapes_;
  std::unordered_map<std::string, std::vector<std::size_t>> by_condition_;
};

bool has_attack_tag(const Rule& rule) {
  return std::ranges::any_of(rule.tags, [](const std::string& tag) { return tag.starts_with("attack."); });
}

}  // namespace

std::vector<Doubt> find_doubts(const RuleSet& rules) {
  std::vector<Doubt> doubts;
  const std::vector<Shape> shapes = shapes_of(rules);
  Shadows(shapes).each([&](const Shape& wide, const Shape& narrow, bool same) {
    doubts.push_back({narrow.rule, same ? fmt::format("asks for the same as rule {}", wide.rule->id)
                                        : fmt::format("only fires where rule {} fires too", wide.rule->id)});
  });
  for (const Shape& shape : shapes) {
    if (!has_attack_tag(*shape.rule)) doubts.push_back({shape.rule, "has no tag of ATT&CK (attack.…)"});
  }
  std::ranges::stable_sort(
      doubts, {}, [](const Doubt& doubt) { return std::tuple(std::string_view(doubt.rule->file), doubt.rule->line); });
  return doubts;
}

}  // namespace sightline::detect
