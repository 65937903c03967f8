#include "detect/testing/rule_events.h"

#include <cctype>
#include <variant>

#include "detect/rule_filter.h"

namespace sightline::detect::testing {

void collect_comparisons(const query::Expr& filter, std::vector<query::Comparison>& out) {
  if (const auto* node = std::get_if<query::And>(&filter.node)) {
    for (const query::Expr& operand : node->operands) collect_comparisons(operand, out);
  } else if (const auto* either = std::get_if<query::Or>(&filter.node)) {
    for (const query::Expr& operand : either->operands) collect_comparisons(operand, out);
  } else if (const auto* negation = std::get_if<query::Not>(&filter.node)) {
    collect_comparisons(*negation->operand, out);
  } else if (const auto* comparison = std::get_if<query::Comparison>(&filter.node)) {
    out.push_back(*comparison);
  }
}

RuleEvents::RuleEvents(const RuleSet& rules, std::uint32_t seed) : random_(seed) {
  for (const Rule& rule : rules.rules()) {
    if (!rule.inactive_reason.empty()) continue;
    const auto filter = read_filter(rule.filter);
    if (filter) collect_comparisons(*filter, comparisons_.emplace_back());
  }
}

void RuleEvents::add(EventBatch& batch) {
  Event& event = batch.add();
  event.event_time_ms = 1'700'000'000'000;
  const std::uint32_t rules = 1 + below(2);
  for (std::uint32_t i = 0; i < rules; ++i) {
    for (const query::Comparison& comparison : comparisons_[below(comparisons_.size())]) {
      if (below(8) != 0) add_value(batch, event, comparison);
    }
  }
}

void RuleEvents::add_value(EventBatch& batch, Event& event, const query::Comparison& comparison) {
  const query::Literal& operand = comparison.operands[below(comparison.operands.size())];
  const query::Target& target = comparison.field.targets[below(comparison.field.targets.size())];
  const std::string_view text = batch.arena().copy(text_for(comparison, operand));
  if (const FieldId* field = std::get_if<FieldId>(&target)) {
    if (event.find(*field) != nullptr && below(4) != 0) return;
    if (field_info(*field).type != FieldType::text) return event.add_integer(*field, operand.integer.value_or(0));
    return event.add_text(*field, text);
  }
  const std::string_view path = batch.arena().copy(std::get<std::string>(target));
  const bool number = operand.decimal.has_value();
  event.add_attribute(path, number ? Attribute::Kind::number : Attribute::Kind::text,
                      number ? batch.arena().copy(*operand.decimal) : text);
}

std::string RuleEvents::text_for(const query::Comparison& comparison, const query::Literal& operand) {
  std::string text = operand.text;
  if (below(6) == 0) {
    for (char& c : text) c = static_cast<char>(below(2) == 0 ? std::toupper(static_cast<unsigned char>(c)) : c);
  }
  if (below(12) == 0 && !text.empty()) text.pop_back();
  switch (comparison.comparator) {
    case query::Comparator::contains:
      return noise() + text + noise();
    case query::Comparator::starts_with:
      return text + noise();
    case query::Comparator::ends_with:
      return noise() + text;
    default:
      return text;
  }
}

std::string RuleEvents::noise() {
  static const std::vector<std::string> kNoise{"", " ", "C:\\Windows\\System32\\", " /c ", "x", "-enc ", "é"};
  return kNoise[below(kNoise.size())];
}

}  // namespace sightline::detect::testing
