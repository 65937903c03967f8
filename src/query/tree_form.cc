// The tree of a query, one node a line.
#include <fmt/format.h>

#include "query/literal_checker.h"
#include "query/string_literal.h"
#include "query/text_form.h"
#include "query/time_part.h"

namespace sightline::query {
namespace {

std::string_view name_of(Comparator comparator) {
  switch (comparator) {
    case Comparator::equals:
      return "equals";
    case Comparator::less:
      return "less";
    case Comparator::less_equal:
      return "less_equal";
    case Comparator::greater:
      return "greater";
    case Comparator::greater_equal:
      return "greater_equal";
    case Comparator::glob:
      return "glob";
    default:
      return to_string(comparator, false);
  }
}

std::string field_text(const FieldRef& field) {
  std::string text = quote_name(field.name);
  if (field.targets.empty()) return text;
  text += " [";
  for (std::size_t i = 0; i < field.targets.size(); ++i) {
    if (i > 0) text += ", ";
    if (const FieldId* id = std::get_if<FieldId>(&field.targets[i])) {
      text += field_info(*id).name;
    } else {
      text += "path " + quote_name(std::get<std::string>(field.targets[i]));
    }
  }
  return text + "]";
}

std::string literal_text(const Literal& literal) {
  std::string text = literal.quoted ? encode_string(literal.text) : literal.text;
  if (literal.integer) text += fmt::format(" integer={}", *literal.integer);
  if (literal.time) text += fmt::format(" time={}..{}", literal.time->begin_ms, literal.time->end_ms);
  if (literal.decimal) text += fmt::format(" decimal={}", *literal.decimal);
  return text;
}

class TreePrinter {
 public:
  void expression(const Expr& expr, std::size_t depth) {
    std::visit([&](const auto& node) { print(node, depth); }, expr.node);
  }
  void stage(const Stage& stage) {
    std::visit([&](const auto& node) { print(node); }, stage.node);
  }
  std::string take() { return std::move(out_); }

 private:
  void line(std::size_t depth, std::string_view text) { out_ += fmt::format("{:{}}{}\n", "", depth * 2, text); }

  void print(const And& node, std::size_t depth) {
    line(depth, "and");
    for (const Expr& operand : node.operands) expression(operand, depth + 1);
  }
  void print(const Or& node, std::size_t depth) {
    line(depth, "or");
    for (const Expr& operand : node.operands) expression(operand, depth + 1);
  }
  void print(const Not& node, std::size_t depth) {
    line(depth, "not");
    expression(*node.operand, depth + 1);
  }
  void print(const Comparison& node, std::size_t depth) { comparison(node, field_text(node.field), depth); }
  void print(const TimePartComparison& node, std::size_t depth) {
    const Comparison& inner = node.comparison;
    comparison(inner, fmt::format("{} of {}", to_string(node.part), field_text(inner.field)), depth);
  }
  void comparison(const Comparison& node, std::string_view subject, std::size_t depth) {
    line(depth, fmt::format("{}{} {}", name_of(node.comparator), node.ignore_case ? " (any case)" : "", subject));
    for (const Literal& operand : node.operands) line(depth + 1, literal_text(operand));
  }
  void print(const FieldComparison& node, std::size_t depth) {
    line(depth, fmt::format("{}{} {}", name_of(node.comparator), node.ignore_case ? " (any case)" : "",
                            field_text(node.left)));
    line(depth + 1, "field " + field_text(node.right));
  }
  void print(const IsNull& node, std::size_t depth) { line(depth, "is_null " + field_text(node.field)); }
  void print(const FreeText& node, std::size_t depth) {
    const std::string_view kind = node.comparator == Comparator::matches ? "free_pattern " : "free_text ";
    line(depth, std::string(kind) + literal_text(node.text));
  }

  void print(const CountStage& stage) {
    line(0, "| count");
    for (const FieldRef& field : stage.by) line(1, "by " + field_text(field));
  }
  void print(const TopStage& stage) { line(0, fmt::format("| top {} {}", stage.limit, field_text(stage.field))); }
  void print(const HistogramStage& stage) {
    line(0, fmt::format("| histogram {} ms", stage.bucket_ms));
    if (stage.by) line(1, "by " + field_text(*stage.by));
  }
  void print(const DistinctStage& stage) { line(0, "| distinct " + field_text(stage.field)); }
  void print(const FieldsStage& stage) {
    line(0, "| fields");
    for (const FieldRef& field : stage.fields) line(1, field_text(field));
  }
  void print(const SortStage& stage) {
    line(0, fmt::format("| sort {}{}", field_text(stage.field), stage.descending ? " descending" : ""));
  }
  void print(const LimitStage& stage) { line(0, fmt::format("| limit {}", stage.limit)); }

  std::string out_;
};

}  // namespace

std::string to_tree(const Expr& expr) {
  TreePrinter printer;
  printer.expression(expr, 0);
  return printer.take();
}

std::string to_tree(const Query& query) {
  TreePrinter printer;
  if (query.filter) printer.expression(*query.filter, 0);
  for (const Stage& stage : query.stages) printer.stage(stage);
  return printer.take();
}

}  // namespace sightline::query
