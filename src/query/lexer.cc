#include "query/lexer.h"

#include <fmt/format.h>

#include <array>
#include <optional>

#include "base/json_text.h"
#include "query/fold.h"
#include "query/utf8.h"

namespace sightline::query {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return fold(c) >= 'a' && fold(c) <= 'z'; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool is_bare_character(char c) {
  return is_digit(c) || is_letter(c) || c == '.' || c == '-' || c == '+' || c == ':' || c == '_' || c == '/';
}

struct Slip {
  std::string_view written;
  std::string_view hint;
};

// What people write who come from other languages. Longer ones first.
constexpr std::array kSlips{
    Slip{"==", "write a single ="},
    Slip{"=~", "for a regular expression write: field matches \"…\""},
    Slip{"!~", "for a regular expression write: NOT field matches \"…\""},
    Slip{"&&", "write AND"},
    Slip{"||", "write OR"},
    Slip{"<>", "write !="},
    Slip{"&", "write AND"},
    Slip{"!", "write NOT, or != between a field and a value"},
    Slip{"~", "for a regular expression write: field matches \"…\""},
    Slip{":", "between a field and a value write ="},
    Slip{"/", "a name with other characters than letters, digits, _ - . @ stands in backticks; text stands in quotes"},
    Slip{"*", "for every event leave the expression out; wildcards belong into quotes: field like \"…*\""},
    Slip{"“", "write plain quotes: \"…\" or '…'"},
    Slip{"”", "write plain quotes: \"…\" or '…'"},
    Slip{"„", "write plain quotes: \"…\" or '…'"},
    Slip{"«", "write plain quotes: \"…\" or '…'"},
    Slip{"‘", "write plain quotes: \"…\" or '…'"},
    Slip{"’", "write plain quotes: \"…\" or '…'"},
    Slip{"-", "a minus stands right before its number, in -5 and in now-15m"},
    Slip{"[", "lists stand in parentheses: field IN (\"a\", \"b\")"},
    Slip{"{", "lists stand in parentheses: field IN (\"a\", \"b\")"},
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::expected<std::vector<Token>, Diagnostic> run() {
    std::vector<Token> tokens;
    while (true) {
      while (position_ < text_.size() && is_space(text_[position_])) ++position_;
      if (position_ == text_.size()) break;
      std::expected<Token, Diagnostic> token = next();
      if (!token) return std::unexpected(std::move(token.error()));
      position_ = token->span.end;
      tokens.push_back(*token);
    }
    tokens.push_back({TokenKind::end, {text_.size(), text_.size()}});
    return tokens;
  }

 private:
  std::expected<Token, Diagnostic> next() const {
    const char c = text_[position_];
    if (c == '"' || c == '\'') return quoted(TokenKind::string, "the text in quotes is not closed");
    if (c == '`') return quoted(TokenKind::quoted_name, "the name in backticks is not closed");
    if (is_name_start(c)) return name();
    if (is_digit(c) || (c == '-' && is_digit(peek(1)))) return token(TokenKind::bare, run_of(is_bare_character, 1));
    if (const std::optional<Diagnostic> slip = find_slip()) return std::unexpected(*slip);
    return symbol();
  }

  char peek(std::size_t ahead) const { return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0'; }

  Token token(TokenKind kind, std::size_t size) const { return {kind, {position_, position_ + size}}; }

  // How many bytes from here on are of that kind, not looking at the first `skip`.
  std::size_t run_of(bool (*belongs)(char), std::size_t skip) const {
    std::size_t size = skip;
    while (position_ + size < text_.size() && belongs(text_[position_ + size])) ++size;
    return size;
  }

  Token name() const {
    std::size_t size = run_of(is_name_character, 1);
    const bool is_now = equal_folded(text_.substr(position_, size), "now");
    if (is_now && peek(size) == '+' && is_digit(peek(size + 1))) size = run_of(is_name_character, size + 1);
    return token(TokenKind::name, size);
  }

  std::expected<Token, Diagnostic> quoted(TokenKind kind, std::string_view unfinished) const {
    const char quote = text_[position_];
    for (std::size_t end = position_ + 1; end < text_.size(); ++end) {
      if (text_[end] == '\\') {
        ++end;
      } else if (text_[end] == quote) {
        return Token{kind, {position_, end + 1}};
      }
    }
    return std::unexpected(Diagnostic{{position_, text_.size()},
                                      std::string(unfinished),
                                      fmt::format("a closing {}", quote),
                                      fmt::format("within quotes, write \\{} for the quote itself", quote)});
  }

  std::optional<Diagnostic> find_slip() const {
    const std::string_view rest = text_.substr(position_);
    if (rest.starts_with("!=")) return std::nullopt;
    for (const Slip& slip : kSlips) {
      if (!rest.starts_with(slip.written)) continue;
      return Diagnostic{{position_, position_ + slip.written.size()},
                        fmt::format("{} is not part of the language", slip.written),
                        "",
                        std::string(slip.hint)};
    }
    return std::nullopt;
  }

  std::expected<Token, Diagnostic> symbol() const {
    const bool with_equals = peek(1) == '=';
    switch (text_[position_]) {
      case '(':
        return token(TokenKind::left_parenthesis, 1);
      case ')':
        return token(TokenKind::right_parenthesis, 1);
      case ',':
        return token(TokenKind::comma, 1);
      case '|':
        return token(TokenKind::pipe, 1);
      case '=':
        return token(TokenKind::equals, 1);
      case '!':
        return token(TokenKind::not_equals, 2);  // find_slip() has dealt with a lone one
      case '<':
        return with_equals ? token(TokenKind::less_equal, 2) : token(TokenKind::less, 1);
      case '>':
        return with_equals ? token(TokenKind::greater_equal, 2) : token(TokenKind::greater, 1);
      default:
        return unexpected_character();
    }
  }

  std::unexpected<Diagnostic> unexpected_character() const {
    const std::size_t size = std::max<std::size_t>(1, utf8_sequence_length(text_.substr(position_)));
    Diagnostic diagnostic{{position_, position_ + size}, "unexpected character", "", ""};
    if (static_cast<unsigned char>(text_[position_]) >= 0x80) {
      diagnostic.hint = "text stands in quotes, a name with such characters in backticks";
    }
    return std::unexpected(std::move(diagnostic));
  }

  std::string_view text_;
  std::size_t position_ = 0;
};

}  // namespace

bool is_name_start(char c) { return is_letter(c) || c == '_' || c == '@'; }
bool is_name_character(char c) { return is_name_start(c) || is_digit(c) || c == '.' || c == '-'; }

std::expected<std::vector<Token>, Diagnostic> lex(std::string_view text) { return Lexer(text).run(); }

std::string_view to_string(TokenKind kind) {
  switch (kind) {
    case TokenKind::end:
      return "end";
    case TokenKind::name:
      return "name";
    case TokenKind::quoted_name:
      return "quoted name";
    case TokenKind::string:
      return "string";
    case TokenKind::bare:
      return "bare";
    case TokenKind::left_parenthesis:
      return "(";
    case TokenKind::right_parenthesis:
      return ")";
    case TokenKind::comma:
      return ",";
    case TokenKind::pipe:
      return "|";
    case TokenKind::equals:
      return "=";
    case TokenKind::not_equals:
      return "!=";
    case TokenKind::less:
      return "<";
    case TokenKind::less_equal:
      return "<=";
    case TokenKind::greater:
      return ">";
    case TokenKind::greater_equal:
      return ">=";
  }
  return "?";
}

}  // namespace sightline::query
