#include "detect/conditions.h"

#include <algorithm>
#include <set>

namespace sightline::detect {
namespace {

using query::And;
using query::Comparator;
using query::Comparison;
using query::Expr;
using query::Or;

using EventTypes = std::optional<std::set<std::string>>;  // nullopt: any

// Only event_type itself says so: NDJSON may carry any field in events of any type.
EventTypes types_of_comparison(const Comparison& comparison) {
  if (comparison.field.targets.size() != 1) return std::nullopt;
  const FieldId* field = std::get_if<FieldId>(&comparison.field.targets.front());
  if (field == nullptr) return std::nullopt;
  const bool names_types = *field == FieldId::event_type && comparison.comparator == Comparator::equals;
  if (!names_types || comparison.ignore_case) return std::nullopt;
  std::set<std::string> types;
  for (const query::Literal& operand : comparison.operands) types.insert(operand.text);
  return types;
}

EventTypes types_of(const Expr& expr) {
  if (const auto* comparison = std::get_if<Comparison>(&expr.node)) return types_of_comparison(*comparison);
  if (const auto* either = std::get_if<Or>(&expr.node)) {
    std::set<std::string> all;
    for (const Expr& operand : either->operands) {
      const EventTypes types = types_of(operand);
      if (!types) return std::nullopt;
      all.insert(types->begin(), types->end());
    }
    return all;
  }
  const auto* both = std::get_if<And>(&expr.node);
  if (both == nullptr) return std::nullopt;
  EventTypes result;
  for (const Expr& operand : both->operands) {
    const EventTypes types = types_of(operand);
    if (!types) continue;
    if (!result) {
      result = types;
    } else {
      std::erase_if(*result, [&](const std::string& type) { return !types->contains(type); });
    }
  }
  return result;
}

}  // namespace

std::vector<std::string> necessary_event_types(const Expr& filter) {
  const EventTypes types = types_of(filter);
  return types ? std::vector<std::string>(types->begin(), types->end()) : std::vector<std::string>();
}

}  // namespace sightline::detect
