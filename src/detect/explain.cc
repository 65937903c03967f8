#include "detect/explain.h"

#include "detect/rule_filter.h"
#include "detect/title.h"
#include "query/predicate.h"
#include "query/text_form.h"

namespace sightline::detect {
namespace {

using query::Expr;

std::string value_of(const query::FieldRef& field, const Event& event) {
  return TitleTemplate({}, {TitleTemplate::Value{{{field.name, field.targets}}, {}}}).render(event);
}

Result<bool> holds(const Expr& expr, const Event& event) {
  const auto predicate = query::Predicate::compile(expr);
  if (!predicate) return std::unexpected(predicate.error());
  return predicate->matches(event);
}

Result<ExplainedPart> part_of(const Expr& expr, const Event& event);

Result<ExplainedPart> group_of(std::string text, const std::vector<Expr>& operands, bool all, const Event& event) {
  ExplainedPart group{std::move(text), all, {}, {}};
  for (const Expr& operand : operands) {
    auto part = part_of(operand, event);
    if (!part) return part;
    group.holds = all ? group.holds && part->holds : group.holds || part->holds;
    group.parts.push_back(std::move(*part));
  }
  return group;
}

Result<ExplainedPart> part_of(const Expr& expr, const Event& event) {
  if (const auto* node = std::get_if<query::And>(&expr.node)) return group_of("all of", node->operands, true, event);
  if (const auto* node = std::get_if<query::Or>(&expr.node)) return group_of("any of", node->operands, false, event);
  const auto* negation = std::get_if<query::Not>(&expr.node);
  const bool of_group = negation != nullptr && (std::holds_alternative<query::And>(negation->operand->node) ||
                                                std::holds_alternative<query::Or>(negation->operand->node));
  if (of_group) {
    auto operand = part_of(*negation->operand, event);
    if (!operand) return operand;
    ExplainedPart part{"not", !operand->holds, {}, {}};
    part.parts.push_back(std::move(*operand));
    return part;
  }
  const auto held = holds(expr, event);
  if (!held) return std::unexpected(held.error());
  ExplainedPart part{query::to_string(expr), *held, {}, {}};
  const Expr& condition = negation != nullptr ? *negation->operand : expr;
  if (const auto* node = std::get_if<query::Comparison>(&condition.node)) part.value = value_of(node->field, event);
  if (const auto* node = std::get_if<query::FieldComparison>(&condition.node)) {
    part.value = value_of(node->left, event) + "; " + value_of(node->right, event);
  }
  if (const auto* node = std::get_if<query::IsNull>(&condition.node)) part.value = value_of(node->field, event);
  return part;
}

Result<ExplainedPart> explain_filter(const std::string& filter, const Event& event) {
  const auto expr = read_filter(filter);
  if (!expr) return std::unexpected(expr.error());
  return part_of(*expr, event);
}

}  // namespace

Result<Explanation> explain(const Rule& rule, const Event& event, std::int64_t now_ms) {
  Explanation explanation;
  auto filter = explain_filter(rule.filter, event);
  if (!filter) return std::unexpected(filter.error());
  explanation.filter = std::move(*filter);
  explanation.fires = explanation.filter.holds;
  for (const Suppression& suppression : rule.suppressions) {
    auto part = explain_filter(suppression.filter, event);
    if (!part) return std::unexpected(part.error());
    const bool expired = suppression.expires_ms && *suppression.expires_ms <= now_ms;
    if (part->holds && !expired) explanation.fires = false;
    explanation.suppressions.push_back({std::move(*part), expired});
  }
  return explanation;
}

}  // namespace sightline::detect
