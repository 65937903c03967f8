#include "query/text_form.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "query/fold.h"
#include "query/lexer.h"
#include "query/literal_checker.h"
#include "query/string_literal.h"
#include "query/time_literal.h"
#include "query/time_part.h"

namespace sightline::query {
namespace {

// Words that cannot begin a comparison.
bool is_reserved(std::string_view name) {
  constexpr std::array<std::string_view, 3> kReserved{"and", "or", "not"};
  return std::ranges::any_of(kReserved, [&](std::string_view word) { return equal_folded(name, word); });
}

std::string literal_text(const Literal& literal, Comparator comparator) {
  if (!literal.quoted) return literal.text;
  if (comparator == Comparator::glob) return encode_glob(literal.text);
  if (comparator == Comparator::matches) return encode_pattern(literal.text);
  return encode_string(literal.text);
}

class Printer {
 public:
  // `inner`: a connective needs parentheses.
  void expression(const Expr& expr, bool inner) {
    std::visit([&](const auto& node) { print(node, inner); }, expr.node);
  }
  std::string take() { return std::move(out_); }

 private:
  void print(const And& node, bool inner) { chain(node.operands, " AND ", inner, true); }
  void print(const Or& node, bool inner) { chain(node.operands, " OR ", inner, false); }

  // A lone operand stands for itself: the parser makes no such node.
  void chain(const std::vector<Expr>& operands, std::string_view connective, bool inner, bool is_and) {
    if (operands.size() == 1) return expression(operands.front(), inner);
    if (inner) out_ += '(';
    for (std::size_t i = 0; i < operands.size(); ++i) {
      if (i > 0) out_ += connective;
      const bool is_plain_and = !is_and && std::holds_alternative<And>(operands[i].node);
      expression(operands[i], !is_plain_and);
    }
    if (inner) out_ += ')';
  }

  void print(const Not& node, bool /*inner*/) {
    const Expr& operand = *node.operand;
    if (const auto* comparison = std::get_if<Comparison>(&operand.node)) {
      if (negated(*comparison, subject_of(*comparison))) return;
    }
    if (const auto* part = std::get_if<TimePartComparison>(&operand.node)) {
      if (negated(part->comparison, subject_of(*part))) return;
    }
    if (const auto* fields = std::get_if<FieldComparison>(&operand.node)) {
      if (fields->comparator == Comparator::equals && !fields->ignore_case) return between(*fields, " != ");
    }
    if (const auto* is_null = std::get_if<IsNull>(&operand.node)) {
      out_ += quote_name(is_null->field.name) + " != null";
      return;
    }
    out_ += "NOT ";
    expression(operand, true);
  }

  void print(const Comparison& node, bool inner) { comparison(node, subject_of(node), inner); }
  void print(const TimePartComparison& node, bool inner) { comparison(node.comparison, subject_of(node), inner); }

  static std::string subject_of(const Comparison& node) { return quote_name(node.field.name); }
  static std::string subject_of(const TimePartComparison& node) {
    return fmt::format("{}({})", to_string(node.part), subject_of(node.comparison));
  }

  // With != or NOT IN; false where there is no such notation.
  bool negated(const Comparison& node, std::string_view subject) {
    if (node.comparator != Comparator::equals || node.ignore_case) return false;
    if (node.operands.size() == 1) {
      simple(node, subject, " != ");
    } else {
      membership(node, subject, " NOT IN (");
    }
    return true;
  }

  void comparison(const Comparison& node, std::string_view subject, bool inner) {
    const bool plain = node.comparator == Comparator::equals && !node.ignore_case;
    const std::string keyword = fmt::format(" {} ", to_string(node.comparator, node.ignore_case));
    if (node.operands.size() == 1) return simple(node, subject, keyword);
    if (plain) return membership(node, subject, " IN (");
    // Several operands of another operator have no notation of their own.
    if (inner) out_ += '(';
    for (std::size_t i = 0; i < node.operands.size(); ++i) {
      if (i > 0) out_ += " OR ";
      out_ += subject;
      out_ += keyword + literal_text(node.operands[i], node.comparator);
    }
    if (inner) out_ += ')';
  }

  void print(const FieldComparison& node, bool /*inner*/) {
    between(node, fmt::format(" {} ", to_string(node.comparator, node.ignore_case)));
  }
  void print(const IsNull& node, bool /*inner*/) { out_ += quote_name(node.field.name) + " = null"; }
  void print(const FreeText& node, bool /*inner*/) {
    if (node.comparator == Comparator::matches) out_ += "matches ";
    out_ += literal_text(node.text, node.comparator);
  }

  void between(const FieldComparison& node, std::string_view keyword) {
    out_ += fmt::format("{}{}field({})", quote_name(node.left.name), keyword, quote_name(node.right.name));
  }

  void simple(const Comparison& node, std::string_view subject, std::string_view keyword) {
    out_ += subject;
    out_ += keyword;
    out_ += literal_text(node.operands.front(), node.comparator);
  }

  void membership(const Comparison& node, std::string_view subject, std::string_view keyword) {
    out_ += subject;
    out_ += keyword;
    for (std::size_t i = 0; i < node.operands.size(); ++i) {
      if (i > 0) out_ += ", ";
      out_ += literal_text(node.operands[i], node.comparator);
    }
    out_ += ')';
  }

  std::string out_;
};

std::string join(const std::vector<FieldRef>& fields) {
  std::string text;
  for (const FieldRef& field : fields) text += (text.empty() ? "" : ", ") + quote_name(field.name);
  return text;
}

struct StagePrinter {
  std::string operator()(const CountStage& stage) const {
    return stage.by.empty() ? "count" : "count by " + join(stage.by);
  }
  std::string operator()(const TopStage& stage) const {
    return fmt::format("top {} {}", stage.limit, quote_name(stage.field.name));
  }
  std::string operator()(const HistogramStage& stage) const {
    const std::string by = stage.by ? " by " + quote_name(stage.by->name) : "";
    return fmt::format("histogram {}{}", duration_to_string(stage.bucket_ms), by);
  }
  std::string operator()(const DistinctStage& stage) const { return "distinct " + quote_name(stage.field.name); }
  std::string operator()(const FieldsStage& stage) const { return "fields " + join(stage.fields); }
  std::string operator()(const SortStage& stage) const {
    return fmt::format("sort {}{}", quote_name(stage.field.name), stage.descending ? " desc" : "");
  }
  std::string operator()(const LimitStage& stage) const { return fmt::format("limit {}", stage.limit); }
};

}  // namespace

std::string to_string(const Expr& expr) {
  Printer printer;
  printer.expression(expr, false);
  return printer.take();
}

std::string to_string(const Query& query) {
  std::string text = query.filter ? to_string(*query.filter) : "";
  for (const Stage& stage : query.stages) {
    if (!text.empty()) text += ' ';
    text += "| " + std::visit(StagePrinter{}, stage.node);
  }
  return text;
}

std::string quote(std::string_view value) { return encode_string(value); }

std::string quote_name(std::string_view name) {
  const bool is_plain = !name.empty() && is_name_start(name.front()) && std::ranges::all_of(name, is_name_character) &&
                        !is_reserved(name);
  return is_plain ? std::string(name) : encode_name(name);
}

}  // namespace sightline::query
