// Walks a list of tokens: what the parsers of expressions and of pipes share.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "query/lexer.h"
#include "query/parser.h"

namespace sightline::query {

class TokenReader {
 public:
  TokenReader(std::string_view text, std::vector<Token> tokens, const ParseOptions& options)
      : text_(text), tokens_(std::move(tokens)), options_(options) {}

  const Token& peek(std::size_t ahead = 0) const { return tokens_[std::min(position_ + ahead, tokens_.size() - 1)]; }
  const Token& take() { return tokens_[position_ + 1 < tokens_.size() ? position_++ : position_]; }
  bool at(TokenKind kind) const { return peek().kind == kind; }
  bool at_end() const { return at(TokenKind::end); }
  // Keywords in lower case.
  bool at_keyword(std::string_view keyword) const;
  // Takes it if it is there.
  bool accept(TokenKind kind);
  bool accept_keyword(std::string_view keyword);

  std::string_view text_of(const Token& token) const {
    return text_.substr(token.span.begin, token.span.end - token.span.begin);
  }
  const ParseOptions& options() const { return options_; }
  // Where the token before this one ends.
  std::size_t previous_end() const { return position_ == 0 ? 0 : tokens_[position_ - 1].span.end; }

  // A name, plain or in backticks, for a field.
  std::expected<FieldRef, Diagnostic> field();

  // The complaint that something else was expected here: "unexpected X", or "the query ends here".
  std::unexpected<Diagnostic> unexpected(std::string expected, std::string hint = "") const;

 private:
  std::string_view text_;
  std::vector<Token> tokens_;
  ParseOptions options_;
  std::size_t position_ = 0;
};

// The pipes from the first `|` on to the end. (stage_parser.cc)
std::expected<std::vector<Stage>, Diagnostic> parse_stages(TokenReader& reader);

inline std::unexpected<Diagnostic> mistake(Span span, std::string message, std::string expected = "",
                                           std::string hint = "") {
  return std::unexpected(Diagnostic{span, std::move(message), std::move(expected), std::move(hint)});
}

}  // namespace sightline::query
