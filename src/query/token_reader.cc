#include "query/token_reader.h"

#include <fmt/format.h>

#include "query/fold.h"
#include "query/string_literal.h"

namespace sightline::query {
bool TokenReader::at_keyword(std::string_view keyword) const {
  return at(TokenKind::name) && equal_folded(text_of(peek()), keyword);
}

bool TokenReader::accept(TokenKind kind) {
  if (!at(kind)) return false;
  take();
  return true;
}

bool TokenReader::accept_keyword(std::string_view keyword) {
  if (!at_keyword(keyword)) return false;
  take();
  return true;
}

std::expected<FieldRef, Diagnostic> TokenReader::field() {
  const Token& token = peek();
  if (token.kind == TokenKind::name) {
    take();
    return FieldRef{std::string(text_of(token)), {}, token.span};
  }
  if (token.kind == TokenKind::quoted_name) {
    take();
    const std::string_view quoted = text_of(token);
    std::expected<std::string, Diagnostic> name =
        decode_string(quoted.substr(1, quoted.size() - 2), token.span.begin + 1);
    if (!name) return std::unexpected(std::move(name.error()));
    if (name->empty()) return mistake(token.span, "an empty name", "the name of a field");
    return FieldRef{std::move(*name), {}, token.span};
  }
  const bool is_text = token.kind == TokenKind::string;
  return unexpected("the name of a field", is_text ? "names stand without quotes, or in backticks" : "");
}

std::unexpected<Diagnostic> TokenReader::unexpected(std::string expected, std::string hint) const {
  const Token& token = peek();
  std::string message =
      token.kind == TokenKind::end ? "the query ends too early" : fmt::format("unexpected {}", excerpt(text_of(token)));
  return mistake(token.span, std::move(message), std::move(expected), std::move(hint));
}

}  // namespace sightline::query
