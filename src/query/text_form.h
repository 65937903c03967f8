// Syntax trees as text.
#pragma once

#include <string>
#include <string_view>

#include "query/ast.h"

namespace sightline::query {

// The expression in one normal spelling; parsing it gives the same tree but for spans. Trees that the parser does not
// make (an operator other than equals, or one that ignores case, with several operands) come out as an OR that means
// the same.
std::string to_string(const Expr& expr);
std::string to_string(const Query& query);

// The tree itself, one node a line, indented; after the check with targets and typed literals. For goldens and
// debugging. Spans are left out, so two trees of equal meaning and shape have equal text.
std::string to_tree(const Expr& expr);
std::string to_tree(const Query& query);

// A value or name as the language writes it: quoted and escaped as needed.
std::string quote(std::string_view value);
std::string quote_name(std::string_view name);

}  // namespace sightline::query
