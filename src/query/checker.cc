#include "query/checker.h"

#include <fmt/format.h>

#include "query/field_comparison_checker.h"
#include "query/literal_checker.h"
#include "query/name_distance.h"
#include "query/name_resolver.h"
#include "query/stage_checker.h"
#include "query/time_part.h"
#include "query/token_reader.h"

namespace sightline::query {
namespace {

using Checked = std::expected<void, Diagnostic>;

// Of trees that the parser did not make; those it makes stay far below.
constexpr std::size_t kMaxTreeDepth = 256;

bool accepts(FieldType type, Comparator comparator) {
  switch (type) {
    case FieldType::text:
      return true;
    case FieldType::integer:
    case FieldType::time:
      return comparator == Comparator::equals || is_order(comparator);
    case FieldType::boolean:
    case FieldType::event_id:
      return comparator == Comparator::equals;
  }
  return false;
}

std::string operators_of(FieldType type) {
  switch (type) {
    case FieldType::integer:
    case FieldType::time:
      return "= != < <= > >= IN";
    default:
      return "= != IN";
  }
}

bool may_ignore_case(Comparator comparator) {
  return comparator != Comparator::matches && comparator != Comparator::cidr && !is_order(comparator);
}

class ExpressionChecker {
 public:
  explicit ExpressionChecker(const CheckContext& context) : context_(context), resolver_(context.catalog) {}

  Checked expression(Expr& expr, std::size_t depth) {
    if (depth > kMaxTreeDepth) return mistake(expr.span, fmt::format("more than {} levels", kMaxTreeDepth));
    if (auto* node = std::get_if<And>(&expr.node)) return operands(node->operands, expr.span, depth);
    if (auto* node = std::get_if<Or>(&expr.node)) return operands(node->operands, expr.span, depth);
    if (auto* node = std::get_if<Not>(&expr.node)) {
      if (node->operand == nullptr) return mistake(expr.span, "NOT of nothing");
      return expression(*node->operand, depth + 1);
    }
    if (auto* node = std::get_if<Comparison>(&expr.node)) return comparison(*node, expr.span);
    if (auto* node = std::get_if<FieldComparison>(&expr.node)) return field_comparison(*node, expr.span);
    if (auto* node = std::get_if<TimePartComparison>(&expr.node)) return part_comparison(*node, expr.span);
    if (auto* node = std::get_if<IsNull>(&expr.node)) return resolver_.resolve(node->field);
    return free_text(std::get<FreeText>(expr.node), expr.span);
  }

 private:
  Checked operands(std::vector<Expr>& operands, Span span, std::size_t depth) {
    if (operands.empty()) return mistake(span, "AND or OR of nothing");
    for (Expr& operand : operands) {
      if (Checked checked = expression(operand, depth + 1); !checked) return checked;
    }
    return {};
  }

  Checked comparison(Comparison& comparison, Span span) {
    if (Checked resolved = resolver_.resolve(comparison.field); !resolved) return resolved;
    if (comparison.operands.empty()) return mistake(span, "a comparison with nothing", "a value");
    const TargetKind kind = kind_of(comparison.field);
    const FieldType type = kind.type.value_or(FieldType::text);
    const bool folds_time = comparison.ignore_case && type == FieldType::time;
    if (!accepts(type, comparison.comparator) || folds_time) return wrong_operator(comparison, type, span);
    if (comparison.ignore_case && !may_ignore_case(comparison.comparator)) {
      return mistake(span, fmt::format("{} cannot ignore case", to_string(comparison.comparator, false)), "",
                     "in a regular expression write (?i)");
    }
    if (type != FieldType::text) comparison.ignore_case = false;  // integers have no case
    for (Literal& operand : comparison.operands) {
      if (Checked checked = check_literal(operand, comparison, kind, context_.now_ms); !checked) {
        return std::unexpected(with_slip(std::move(checked.error()), comparison, operand));
      }
    }
    return {};
  }

  static Checked free_text(const FreeText& node, Span span) {
    if (node.comparator == Comparator::matches) return check_pattern(node.text);
    if (node.text.text.empty()) return mistake(span, "free text is empty");
    return {};
  }

  Checked field_comparison(FieldComparison& comparison, Span span) {
    if (Checked resolved = resolver_.resolve(comparison.left); !resolved) return resolved;
    if (Checked resolved = resolver_.resolve(comparison.right); !resolved) return resolved;
    return check_field_comparison(comparison, span);
  }

  Checked part_comparison(TimePartComparison& node, Span span) {
    Comparison& comparison = node.comparison;
    if (Checked resolved = resolver_.resolve(comparison.field); !resolved) return resolved;
    const TargetKind kind = kind_of(comparison.field);
    const std::string_view part = to_string(node.part);
    if (kind.type != FieldType::time || kind.has_path) {
      const std::string type =
          kind.type ? fmt::format("a field of type {}", sightline::to_string(*kind.type)) : "a path without a type";
      return mistake(comparison.field.span,
                     fmt::format("{} is a part of a time; {} is {}", part, excerpt(comparison.field.name), type),
                     "a field of type time, such as event_time");
    }
    if (comparison.operands.empty()) return mistake(span, "a comparison with nothing", "a value");
    if (!accepts(FieldType::integer, comparison.comparator) || comparison.ignore_case) {
      const std::string_view keyword = to_string(comparison.comparator, comparison.ignore_case);
      return mistake(span, fmt::format("{} does not go with {}(…)", keyword, part), operators_of(FieldType::integer));
    }
    for (Literal& operand : comparison.operands) {
      if (Checked checked = check_part(operand, node.part); !checked) return checked;
    }
    return {};
  }

  static std::unexpected<Diagnostic> wrong_operator(const Comparison& comparison, FieldType type, Span span) {
    const std::string_view keyword = to_string(comparison.comparator, comparison.ignore_case);
    std::string hint = "parts of it cannot be compared";
    if (type == FieldType::integer) hint = "compare whole numbers, as in pid = 42 or pid IN (1, 2)";
    if (type == FieldType::time) hint = "for a span write field >= FROM AND field < TO; = with a date means that day";
    if (type == FieldType::boolean) hint = "write field = true or field = false";
    return mistake(span,
                   fmt::format("{} does not go with {}, a field of type {}", keyword, excerpt(comparison.field.name),
                               sightline::to_string(type)),
                   operators_of(type), std::move(hint));
  }

  // Adds a hint to a complaint about an operand where one is missing.
  static Diagnostic with_slip(Diagnostic diagnostic, const Comparison& comparison, const Literal& operand) {
    const bool is_wildcard =
        diagnostic.hint.empty() && operand.text.contains('*') && comparison.comparator == Comparator::equals;
    if (is_wildcard) diagnostic.hint = "write field != null for any value";
    return diagnostic;
  }

  const CheckContext& context_;
  NameResolver resolver_;
};

}  // namespace

std::expected<void, Diagnostic> check(Expr& expr, const CheckContext& context) {
  return ExpressionChecker(context).expression(expr, 0);
}

std::expected<void, Diagnostic> check(Query& query, const CheckContext& context) {
  if (query.filter) {
    if (Checked checked = check(*query.filter, context); !checked) return checked;
  }
  return check_stages(query.stages, NameResolver(context.catalog));
}

}  // namespace sightline::query
