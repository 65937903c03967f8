#include "query/field_comparison_checker.h"

#include <fmt/format.h>

#include <optional>

#include "query/literal_checker.h"
#include "query/token_reader.h"

namespace sightline::query {
namespace {

using Checked = std::expected<void, Diagnostic>;
using Type = std::optional<FieldType>;  // nullopt: paths, whose values have a type each

bool is_part(Comparator comparator) {
  return comparator == Comparator::contains || comparator == Comparator::starts_with ||
         comparator == Comparator::ends_with;
}

bool accepts(Type type, Comparator comparator) {
  if (!type || *type == FieldType::text) return true;
  return comparator == Comparator::equals || (is_order(comparator) && *type != FieldType::boolean);
}

// Whether values of the two can be equal, and where they have an order, in order.
bool go_together(FieldType left, FieldType right, Comparator comparator) {
  const bool is_number = right == FieldType::integer || right == FieldType::time;
  switch (left) {
    case FieldType::integer:
      return is_number || (right == FieldType::text && !is_order(comparator));
    case FieldType::time:
      return is_number;
    case FieldType::boolean:
      return right == FieldType::boolean || right == FieldType::text;
    default:
      return right == left;
  }
}

class FieldComparisonChecker {
 public:
  FieldComparisonChecker(const FieldComparison& comparison, Span span)
      : comparison_(comparison),
        span_(span),
        keyword_(to_string(comparison.comparator, comparison.ignore_case)),
        left_(kind_of(comparison.left).type),
        right_(kind_of(comparison.right).type) {}

  Checked run() const {
    const Comparator comparator = comparison_.comparator;
    const bool compares = comparator == Comparator::equals || is_part(comparator) || is_order(comparator);
    if (!compares || (comparison_.ignore_case && is_order(comparator))) {
      return mistake(span_, fmt::format("{} does not compare two fields", keyword_));
    }
    if (Checked checked = side(comparison_.left, left_); !checked) return checked;
    if (Checked checked = side(comparison_.right, right_); !checked) return checked;
    const bool fit =
        !left_ || !right_ || go_together(*left_, *right_, comparator) || go_together(*right_, *left_, comparator);
    return fit ? Checked{} : misfit();
  }

 private:
  Checked side(const FieldRef& field, Type type) const {
    if (type == FieldType::event_id) {
      return mistake(field.span, fmt::format("{} is the id of an event, which no other field has", excerpt(field.name)),
                     "a field of another type", fmt::format("write {} = \"…\"", excerpt(field.name)));
    }
    if (accepts(type, comparison_.comparator)) return {};
    const bool is_boolean = type == FieldType::boolean;
    return mistake(span_,
                   fmt::format("{} does not go with {}, a field of type {}", keyword_, excerpt(field.name),
                               sightline::to_string(*type)),
                   is_boolean ? "= != ieq" : "= != < <= > >= ieq");
  }

  Checked misfit() const {
    std::string message =
        fmt::format("{} does not compare {} ({}) with {} ({})", keyword_, excerpt(comparison_.left.name),
                    sightline::to_string(*left_), excerpt(comparison_.right.name), sightline::to_string(*right_));
    const bool is_integer = left_ == FieldType::integer || right_ == FieldType::integer;
    const bool only_order = is_integer && (left_ == FieldType::text || right_ == FieldType::text);
    return mistake(span_, std::move(message), only_order ? "= != ieq" : "fields of one type",
                   only_order ? "numbers and texts have no common order; = compares the digits with the text" : "");
  }

  const FieldComparison& comparison_;
  Span span_;
  std::string_view keyword_;
  Type left_;
  Type right_;
};

}  // namespace

Checked check_field_comparison(const FieldComparison& comparison, Span span) {
  return FieldComparisonChecker(comparison, span).run();
}

}  // namespace sightline::query
