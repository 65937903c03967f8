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

// How few events are likely to hold one value of a field; higher is rarer. 0: not worth an index.
int selectivity(FieldId field) {
  switch (field) {
    case FieldId::event_name:
      return 6;
    case FieldId::dst_ip:
    case FieldId::filename:
    case FieldId::path:
      return 5;
    case FieldId::syscall:
    case FieldId::exe:
    case FieldId::command:
      return 4;
    case FieldId::event_source:
      return 3;
    case FieldId::type:
      return 2;
    case FieldId::event_type:
      return 1;
    default:
      return 2;
  }
}

// Paths without a field are rarer than any field.
constexpr int kPathSelectivity = 5;

struct Keys {
  std::vector<ValueKey> keys;
  int selectivity = 0;
};

std::string folded(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// nullopt where the comparison could also hold for another reason than one field's one value.
std::optional<Keys> keys_of_comparison(const Comparison& comparison) {
  if (comparison.comparator != Comparator::equals || comparison.field.targets.empty()) return std::nullopt;
  Keys keys{{}, 100};
  for (const query::Target& target : comparison.field.targets) {
    const FieldId* field = std::get_if<FieldId>(&target);
    if (field != nullptr && field_info(*field).type != FieldType::text) return std::nullopt;
    keys.selectivity = std::min(keys.selectivity, field == nullptr ? kPathSelectivity : selectivity(*field));
    for (const query::Literal& operand : comparison.operands) {
      keys.keys.push_back({target, folded(operand.text)});
      // Numbers among attributes hold their canonical decimal, whatever the literal looks like.
      if (field == nullptr && operand.decimal) keys.keys.push_back({target, *operand.decimal});
    }
  }
  return keys;
}

std::optional<Keys> keys_of(const Expr& expr) {
  if (const auto* comparison = std::get_if<Comparison>(&expr.node)) return keys_of_comparison(*comparison);
  if (const auto* either = std::get_if<Or>(&expr.node)) {
    Keys all{{}, 100};
    for (const Expr& operand : either->operands) {
      std::optional<Keys> keys = keys_of(operand);
      if (!keys) return std::nullopt;
      all.selectivity = std::min(all.selectivity, keys->selectivity);
      std::ranges::move(keys->keys, std::back_inserter(all.keys));
    }
    return all;
  }
  const auto* both = std::get_if<And>(&expr.node);
  if (both == nullptr) return std::nullopt;
  std::optional<Keys> best;
  for (const Expr& operand : both->operands) {
    std::optional<Keys> keys = keys_of(operand);
    if (keys && (!best || keys->selectivity > best->selectivity)) best = std::move(keys);
  }
  return best;
}

}  // namespace

std::vector<std::string> necessary_event_types(const Expr& filter) {
  const EventTypes types = types_of(filter);
  return types ? std::vector<std::string>(types->begin(), types->end()) : std::vector<std::string>();
}

std::optional<std::vector<ValueKey>> necessary_keys(const Expr& filter) {
  std::optional<Keys> keys = keys_of(filter);
  if (!keys) return std::nullopt;
  return std::move(keys->keys);
}

}  // namespace sightline::detect
