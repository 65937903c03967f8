#include "query/value_parser.h"

#include <fmt/format.h>

#include "query/fold.h"
#include "query/string_literal.h"
#include "query/time_literal.h"
#include "query/time_part.h"

namespace sightline::query {
namespace {

std::size_t take_digits(std::string_view text, std::size_t position) {
  while (position < text.size() && text[position] >= '0' && text[position] <= '9') ++position;
  return position;
}

// Leading zeros are allowed: account ids have them.
bool is_number(std::string_view text) {
  std::size_t position = text.starts_with('-') ? 1 : 0;
  std::size_t end = take_digits(text, position);
  if (end == position) return false;
  if (end < text.size() && text[end] == '.') {
    position = end + 1;
    end = take_digits(text, position);
    if (end == position) return false;
  }
  if (end < text.size() && fold(text[end]) == 'e') {
    position = end + 1;
    if (position < text.size() && (text[position] == '+' || text[position] == '-')) ++position;
    end = take_digits(text, position);
    if (end == position) return false;
  }
  return end == text.size();
}

}  // namespace

std::expected<Literal, Diagnostic> read_value(TokenReader& reader, Notation notation) {
  const Token& token = reader.peek();
  if (token.kind == TokenKind::string || token.kind == TokenKind::bare) {
    reader.take();
    return read_literal(reader, token, notation);
  }
  if (token.kind != TokenKind::name) return reader.unexpected("a value: text in quotes, a number, a time");
  const std::string_view word = reader.text_of(token);
  const bool is_boolean = reader.at_keyword("true") || reader.at_keyword("false");
  if (is_boolean || looks_relative(word)) {
    reader.take();
    const bool detached = reader.at(TokenKind::bare) && equal_folded(word, "now");
    if (detached) return reader.unexpected("AND, OR or the end", "write it without a blank: now-15m");
    return Literal{is_boolean ? fold(word) : std::string(word), false, token.span, {}, {}, {}};
  }
  if (reader.at_keyword("null")) {
    return mistake(token.span, "null is not a value", "a value", "ask for absence by itself: field = null OR field …");
  }
  if (reader.peek(1).kind == TokenKind::left_parenthesis && find_time_part(word)) {
    return mistake(token.span, fmt::format("{}(…) stands left of an operator", excerpt(word)),
                   "a value: text in quotes, a number, a time");
  }
  std::string hint = fmt::format("write \"{}\"", excerpt(word));
  const bool names_field = find_field(word) != nullptr || find_alias(word) != nullptr;
  if (names_field) hint += fmt::format(", or field({}) for the value that the event has there", excerpt(word));
  return mistake(token.span, "text needs quotes", "a value: text in quotes, a number, a time", std::move(hint));
}

std::expected<Literal, Diagnostic> read_literal(const TokenReader& reader, const Token& token, Notation notation) {
  const std::string_view written = reader.text_of(token);
  if (token.kind == TokenKind::bare) {
    const bool fits = is_number(written) || looks_like_date(written);
    if (fits) return Literal{std::string(written), false, token.span, {}, {}, {}};
    return mistake(token.span, fmt::format("{} is neither a number nor a time", excerpt(written)), "",
                   fmt::format("as text, put it in quotes: \"{}\"", excerpt(written)));
  }
  const std::string_view body = written.substr(1, written.size() - 2);
  const std::size_t offset = token.span.begin + 1;
  std::expected<std::string, Diagnostic> decoded = notation == Notation::pattern ? std::string(body)
                                                   : notation == Notation::glob  ? decode_glob(body, offset)
                                                                                 : decode_string(body, offset);
  if (!decoded) return std::unexpected(std::move(decoded.error()));
  return Literal{std::move(*decoded), true, token.span, {}, {}, {}};
}

}  // namespace sightline::query
