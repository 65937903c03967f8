#include "detect/matcher/scope.h"

#include <algorithm>

namespace sightline::detect {
namespace {

using query::Comparator;
using query::Comparison;
using Windows = Scope::Windows;

bool is_field(const query::Target& target, FieldId wanted) {
  const FieldId* field = std::get_if<FieldId>(&target);
  return field != nullptr && *field == wanted;
}

bool is_event_type(const query::FieldRef& field) {
  return field.targets.size() == 1 && is_field(field.targets.front(), FieldId::event_type);
}

// Where these have a value, the event is one of Windows: the field, or a path of one of its other names.
bool are_of_windows(const std::vector<query::Target>& targets) {
  return !targets.empty() && std::ranges::all_of(targets, [](const query::Target& target) {
    const std::string* path = std::get_if<std::string>(&target);
    return path != nullptr ? is_windows_path(*path) : is_field(target, FieldId::win_event_id);
  });
}

bool names_win_event_id(const std::vector<query::Target>& targets) {
  return std::ranges::any_of(targets, [](const auto& target) { return is_field(target, FieldId::win_event_id); });
}

Scope of_comparison(const Comparison& comparison) {
  Scope scope;
  const bool names_types =
      is_event_type(comparison.field) && comparison.comparator == Comparator::equals && !comparison.ignore_case;
  if (names_types) {
    scope.event_types.emplace();
    for (const query::Literal& operand : comparison.operands) scope.event_types->insert(operand.text);
  }
  // No comparison holds of a value that is not there.
  if (are_of_windows(comparison.field.targets)) scope.windows = Windows::yes;
  return scope;
}

Scope of_all(const query::And& both, int depth);
Scope of_any(const query::Or& either, int depth);

constexpr int kMaxDepth = 64;  // what is deeper narrows nothing

Scope of(const query::Expr& expr, int depth) {
  if (depth > kMaxDepth) return {};
  if (const auto* comparison = std::get_if<Comparison>(&expr.node)) return of_comparison(*comparison);
  if (const auto* both = std::get_if<query::And>(&expr.node)) return of_all(*both, depth);
  if (const auto* either = std::get_if<query::Or>(&expr.node)) return of_any(*either, depth);
  Scope scope;
  if (const auto* null = std::get_if<query::IsNull>(&expr.node)) {
    if (names_win_event_id(null->field.targets)) scope.windows = Windows::no;
  }
  const auto* negation = std::get_if<query::Not>(&expr.node);
  if (negation == nullptr || negation->operand == nullptr) return scope;
  const auto* null = std::get_if<query::IsNull>(&negation->operand->node);
  if (null != nullptr && are_of_windows(null->field.targets)) scope.windows = Windows::yes;
  return scope;
}

// The smallest set of types, not what all sets share: an event may have several values, one for each.
Scope of_all(const query::And& both, int depth) {
  Scope all;
  for (const query::Expr& operand : both.operands) {
    Scope scope = of(operand, depth + 1);
    if (all.windows == Windows::either) all.windows = scope.windows;
    const bool smaller = scope.event_types && (!all.event_types || scope.event_types->size() < all.event_types->size());
    if (smaller) all.event_types = std::move(scope.event_types);
  }
  return all;
}

Scope of_any(const query::Or& either, int depth) {
  Scope any;
  for (std::size_t i = 0; i < either.operands.size(); ++i) {
    Scope scope = of(either.operands[i], depth + 1);
    if (i == 0) {
      any = std::move(scope);
      continue;
    }
    if (any.windows != scope.windows) any.windows = Windows::either;
    if (!scope.event_types) any.event_types.reset();
    if (any.event_types) any.event_types->insert(scope.event_types->begin(), scope.event_types->end());
  }
  return any;
}

}  // namespace

bool is_windows_path(std::string_view path) {
  const AliasInfo* alias = find_alias(path);
  return alias != nullptr &&
         std::ranges::all_of(alias->targets, [](FieldId field) { return field == FieldId::win_event_id; });
}

Scope scope_of(const query::Expr& filter) { return of(filter, 0); }

}  // namespace sightline::detect
