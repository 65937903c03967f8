// Cuts the text of a query into tokens.
#pragma once

#include <cstdint>
#include <expected>
#include <string_view>
#include <vector>

#include "query/ast.h"
#include "query/diagnostic.h"

namespace sightline::query {

enum class TokenKind : std::uint8_t {
  end,
  name,         // a field or a keyword
  quoted_name,  // `in backticks`: never a keyword
  string,       // with its quotes; escapes are not looked at yet, their meaning depends on the operator
  bare,         // begins with a digit, or '-' and a digit: number, time, duration
  left_parenthesis,
  right_parenthesis,
  comma,
  pipe,
  equals,
  not_equals,
  less,
  less_equal,
  greater,
  greater_equal,
};

struct Token {
  TokenKind kind = TokenKind::end;
  Span span;
};

// The last token is `end`. Errors: an unfinished string or backtick, a character that begins no token.
std::expected<std::vector<Token>, Diagnostic> lex(std::string_view text);

std::string_view to_string(TokenKind kind);

bool is_name_start(char c);
bool is_name_character(char c);

}  // namespace sightline::query
