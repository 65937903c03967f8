// Small pieces of the syntax tree of the query language.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "query/ast.h"

namespace sightline::detect::sigma {

inline query::Expr make_not(query::Expr operand) {
  return {query::Not{std::make_unique<query::Expr>(std::move(operand))}, {}};
}

// A lone operand stands for itself. At least one.
inline query::Expr make_all(std::vector<query::Expr> operands) {
  if (operands.size() == 1) return std::move(operands.front());
  return {query::And{std::move(operands)}, {}};
}
inline query::Expr make_any(std::vector<query::Expr> operands) {
  if (operands.size() == 1) return std::move(operands.front());
  return {query::Or{std::move(operands)}, {}};
}

inline query::FieldRef make_field(std::string name) { return {std::move(name), {}, {}}; }

inline query::Literal make_literal(std::string text, bool quoted = true) {
  query::Literal literal;
  literal.text = std::move(text);
  literal.quoted = quoted;
  return literal;
}

}  // namespace sightline::detect::sigma
