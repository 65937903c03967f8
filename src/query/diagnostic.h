// A mistake in a query, told so that its author can mend it.
#pragma once

#include <string>
#include <string_view>

#include "query/ast.h"

namespace sightline::query {

struct Diagnostic {
  Span span;             // where; of an AST that did not come from text, empty
  std::string message;   // what is wrong: `unknown field "usr"`
  std::string expected;  // what could stand there; may be empty
  std::string hint;      // how to mend it: `did you mean user?`; may be empty
};

// Several lines of text, without a final newline: the message with line and column, the line of the query with the
// place marked below it, what was expected, the hint. Columns count characters as a terminal shows them; a long line is
// cut around the place. `text` is the query that was parsed; control characters and invalid UTF-8 in it are made
// harmless.
std::string render(const Diagnostic& diagnostic, std::string_view text);

// A piece of the query to be quoted in a message: made harmless as render() does, cut after some 40 characters.
std::string excerpt(std::string_view text);

}  // namespace sightline::query
