#include "detect/matcher/lowering.h"

#include <algorithm>

#include "detect/matcher/comparison_lowering.h"
#include "query/pattern_texts.h"

namespace sightline::detect {
namespace {

using query::Expr;

constexpr std::size_t kMaxDepth = 512;  // query::Predicate refuses more

bool is_ascii(const std::string& text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

class Lowering {
 public:
  explicit Lowering(GraphBuilder& graph) : graph_(graph) {}

  // NOT goes down to single questions: what is below two of them shows as something that must hold.
  Result<NodeRef> lower(const Expr& expr, bool negated, std::size_t depth) {
    if (depth > kMaxDepth) return fail(ErrorCode::invalid_input, "the expression is nested too deeply");
    if (const auto* both = std::get_if<query::And>(&expr.node)) {
      return group(both->operands, negated, negated, depth);
    }
    if (const auto* either = std::get_if<query::Or>(&expr.node)) {
      return group(either->operands, !negated, negated, depth);
    }
    if (const auto* negation = std::get_if<query::Not>(&expr.node)) {
      if (negation->operand == nullptr) return fail(ErrorCode::invalid_input, "NOT of nothing");
      return lower(*negation->operand, !negated, depth + 1);
    }
    Result<NodeRef> ref = leaf(expr);
    if (ref && negated) return !*ref;
    return ref;
  }

 private:
  Result<NodeRef> group(const std::vector<Expr>& operands, bool any, bool negated, std::size_t depth) {
    std::vector<NodeRef> refs;
    for (const Expr& operand : operands) {
      Result<NodeRef> ref = lower(operand, negated, depth + 1);
      if (!ref) return ref;
      refs.push_back(*ref);
    }
    return any ? graph_.any_of(std::move(refs)) : graph_.all_of(std::move(refs));
  }

  Result<NodeRef> leaf(const Expr& expr) {
    if (const auto* comparison = std::get_if<query::Comparison>(&expr.node)) {
      return lower_comparison(*comparison, graph_);
    }
    if (const auto* fields = std::get_if<query::FieldComparison>(&expr.node)) {
      return lower_field_comparison(*fields, graph_);
    }
    if (const auto* null = std::get_if<query::IsNull>(&expr.node)) {
      if (null->field.targets.empty()) return fail(ErrorCode::invalid_input, "the expression has not been checked");
      return !lower_presence(null->field, graph_);
    }
    const auto* text = std::get_if<query::FreeText>(&expr.node);
    if (text != nullptr && text->comparator == query::Comparator::matches) return free_pattern(*text, expr);
    if (text != nullptr && !text->text.text.empty()) return free_text(text->text.text);
    return decided_by(expr, {});
  }

  NodeRef free_text(std::string_view text) {
    return graph_.atom(
        {.kind = Atom::Kind::free_text, .ignore_case = true, .targets = {}, .operands = {{std::string(text), {}, {}}}});
  }

  // Tried where the event has a text that the expression needs. Of other characters only these two fold to ASCII.
  Result<NodeRef> free_pattern(const query::FreeText& pattern, const Expr& expr) {
    constexpr std::string_view kKelvin = "\u212A";
    constexpr std::string_view kLongS = "\u017F";
    Result<NodeRef> decides = decided_by(expr, "free pattern " + pattern.text.text);
    const std::vector<std::string> texts = query::necessary_texts(pattern.text.text);
    if (!decides || texts.empty() || !std::ranges::all_of(texts, is_ascii)) return decides;
    std::vector<NodeRef> needed{free_text(kKelvin), free_text(kLongS)};
    for (const std::string& text : texts) needed.push_back(free_text(text));
    return graph_.all_of({graph_.any_of(std::move(needed)), *decides});
  }

  Result<NodeRef> decided_by(const Expr& expr, const std::string& key) {
    Result<query::Predicate> predicate = query::Predicate::compile(expr);
    if (!predicate) return std::unexpected(std::move(predicate.error()));
    return graph_.residual({std::move(*predicate), {}}, key);
  }

  GraphBuilder& graph_;
};

}  // namespace

Result<NodeRef> lower(const Expr& expr, GraphBuilder& graph) { return Lowering(graph).lower(expr, false, 0); }

}  // namespace sightline::detect
