#include "store/clickhouse/field_comparison_sql.h"

#include <fmt/format.h>

#include "store/clickhouse/text_sql.h"
#include "store/clickhouse/value_sql.h"

namespace sightline::store::clickhouse {
namespace {

using query::Comparator;

bool is_scalar(const ValueKey& key) { return key.array.empty(); }

std::string is_present(const ValueKey& key) {
  return key.integer ? fmt::format("isNotNull({})", key.scalar) : fmt::format("{} != ''", key.scalar);
}

// The values as texts, whatever they are.
ValueKey as_text(ValueKey key) {
  if (!key.integer) return key;
  key.integer = false;
  if (is_scalar(key)) {
    key.scalar = fmt::format("ifNull(toString({}), '')", key.scalar);
  } else {
    key.array = fmt::format("arrayMap(x -> toString(x), {})", key.array);
  }
  return key;
}

std::string both_single(const ValueKey& left, const ValueKey& right, const std::string& condition) {
  const std::string bare = left.integer ? fmt::format("ifNull({}, 0)", condition) : condition;
  return all_of({is_present(left), is_present(right), bare});
}

// Stored forms of texts differ where the texts do.
std::string equal_fields(ValueKey left, ValueKey right, bool ignore_case) {
  if (left.integer != right.integer) {
    left = as_text(left);
    right = as_text(right);
  }
  const bool folds = ignore_case && !left.integer;
  const auto folded = [&](std::string_view form) { return folds ? fmt::format("lower({})", form) : std::string(form); };
  if (is_scalar(left) && is_scalar(right)) {
    return both_single(left, right, fmt::format("{} = {}", folded(left.scalar), folded(right.scalar)));
  }
  const auto values = [&](const ValueKey& key) {
    return folds ? fmt::format("arrayMap(x -> {}, {})", folded("x"), as_array(key)) : as_array(key);
  };
  return fmt::format("hasAny({}, {})", values(left), values(right));
}

// Values of one kind. Stored forms keep the order of texts.
std::string ordered_fields(ValueKey left, ValueKey right, Comparator comparator) {
  if (left.is_null() || right.is_null()) return std::string(kFalse);
  if (left.integer != right.integer) {
    left = as_text(left);
    right = as_text(right);
  }
  const std::string_view sign = order_sign(comparator);
  if (is_scalar(left) && is_scalar(right)) {
    return both_single(left, right,
                       fmt::format("{} {} {}", order_value(left, left.scalar), sign, order_value(right, right.scalar)));
  }
  // Some pair is in order if the outermost one is.
  const bool upwards = comparator == Comparator::less || comparator == Comparator::less_equal;
  const auto sorted = [](const ValueKey& key) {
    return fmt::format("arraySort(arrayMap(x -> {}, {}))", order_value(key, "x"), as_array(key));
  };
  return fmt::format("(notEmpty({0}) AND notEmpty({1}) AND {0}[{2}] {3} {1}[{4}])", sorted(left), sorted(right),
                     upwards ? 1 : -1, sign, upwards ? -1 : 1);
}

std::string part_condition(std::string_view value, std::string_view part, Comparator comparator, bool ignore_case) {
  const auto bytes = [&](std::string_view form) {
    return ignore_case ? fmt::format("lower({})", without_escape(form)) : without_escape(form);
  };
  if (comparator == Comparator::contains) return fmt::format("position({}, {}) > 0", bytes(value), bytes(part));
  return fmt::format("{}({}, {})", comparator == Comparator::starts_with ? "startsWith" : "endsWith", bytes(value),
                     bytes(part));
}

std::string parts_of_fields(const ValueKey& left, const ValueKey& right, Comparator comparator, bool ignore_case) {
  if (is_scalar(left) && is_scalar(right)) {
    return both_single(left, right, part_condition(left.scalar, right.scalar, comparator, ignore_case));
  }
  return fmt::format("arrayExists(l -> arrayExists(r -> {}, {}), {})",
                     part_condition("l", "r", comparator, ignore_case), as_array(right), as_array(left));
}

}  // namespace

std::string field_comparison(const Content& content, const query::FieldComparison& node) {
  if (is_order(node.comparator)) {
    std::vector<std::string> terms;
    for (const Attribute::Kind kind : {Attribute::Kind::text, Attribute::Kind::number}) {
      terms.push_back(
          ordered_fields(value_key(content, node.left, kind), value_key(content, node.right, kind), node.comparator));
    }
    return any_of(terms);
  }
  const ValueKey left = value_key(content, node.left);
  const ValueKey right = value_key(content, node.right);
  if (left.is_null() || right.is_null()) return std::string(kFalse);
  if (node.comparator == Comparator::equals) return equal_fields(left, right, node.ignore_case);
  return parts_of_fields(left, right, node.comparator, node.ignore_case);
}

}  // namespace sightline::store::clickhouse
