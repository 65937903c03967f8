// From the text of a query to its syntax tree. The grammar stands in docs/query-language.md and above the parser.
#pragma once

#include <cstddef>
#include <expected>
#include <string_view>

#include "query/ast.h"
#include "query/diagnostic.h"

namespace sightline::query {

struct ParseOptions {
  std::size_t max_text_bytes = std::size_t{64} * 1024;
  std::size_t max_depth = 64;            // of parentheses and NOT
  std::size_t max_terms = 10'000;        // comparisons and free texts in one query
  std::size_t max_list_values = 10'000;  // of one IN
};

// The names of the result are not resolved yet: check() does that (query/checker.h). Any bytes are safe input; time and
// memory are linear in their length. An empty text is the query for every event.
std::expected<Query, Diagnostic> parse(std::string_view text, const ParseOptions& options = {});

// An expression without pipes, as rules and suppressions have it. An empty text is a mistake.
std::expected<Expr, Diagnostic> parse_expression(std::string_view text, const ParseOptions& options = {});

}  // namespace sightline::query
