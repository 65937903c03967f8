#include "query/parser.h"

#include <fmt/format.h>

#include <array>
#include <optional>

#include "query/fold.h"
#include "query/string_literal.h"
#include "query/time_part.h"
#include "query/token_reader.h"
#include "query/value_parser.h"

// The grammar. A test compares it with docs/query-language.md.
//
//   query      = [ expression ] { "|" stage }
//   expression = all { "OR" all }
//   all        = one { "AND" one }
//   one        = "NOT" one | "(" expression ")" | comparison | [ "matches" ] string
//   comparison = field operator value
//              | field operator "field" "(" field ")"
//              | field ( "=" | "!=" ) "null"
//              | field [ "NOT" ] "IN" "(" value { "," value } ")"
//              | part "(" field ")" order value
//              | part "(" field ")" [ "NOT" ] "IN" "(" value { "," value } ")"
//   part       = "minute" | "hour" | "day" | "week" | "month" | "year"
//   order      = "=" | "!=" | "<" | "<=" | ">" | ">="
//   operator   = order
//              | "ieq" | "like" | "ilike" | "contains" | "icontains" | "starts_with" | "istarts_with"
//              | "ends_with" | "iends_with" | "matches" | "cidr"
//   value      = string | number | time | "true" | "false"
//   field      = name | "`" characters "`"
//
//   stage      = "count" [ "by" fields ]
//              | "top" digits field
//              | "histogram" duration [ "by" field ]
//              | "distinct" field
//              | "fields" fields
//              | "sort" field [ "asc" | "desc" ]
//              | "limit" digits
//   fields     = field { "," field }
//
//   name       = ( letter | "_" | "@" ) { letter | digit | "_" | "@" | "." | "-" }
//   string     = '"' characters '"' | "'" characters "'"
//   number     = [ "-" ] digits [ "." digits ] [ ( "e" | "E" ) [ "+" | "-" ] digits ]
//   time       = "now" [ ( "+" | "-" ) duration ] | date [ "T" clock [ zone ] ]
//   date       = digit digit digit digit "-" digit digit "-" digit digit
//   clock      = digit digit ":" digit digit [ ":" digit digit [ "." digits ] ]
//   zone       = "Z" | ( "+" | "-" ) digit digit [ [ ":" ] digit digit ]
//   duration   = digits ( "s" | "m" | "h" | "d" | "w" )
//   digits     = digit { digit }
//
// Keywords are case-insensitive. Letters are A-Z and a-z. White space (blank, tab, line break) may stand between any
// two of these words and signs, and must where they would run together.

namespace sightline::query {
namespace {

constexpr std::string_view kOperators =
    "an operator: = != < <= > >= ieq like contains starts_with ends_with matches cidr IN …";
constexpr std::string_view kBetweenFields =
    "= != < <= > >= ieq contains starts_with ends_with icontains istarts_with iends_with";
constexpr std::string_view kTerm = "a comparison, NOT, ( or text in quotes";

struct OperatorInfo {
  std::string_view keyword;
  Comparator comparator;
  bool ignore_case;
  Notation notation;
};

constexpr std::array kKeywordOperators{
    OperatorInfo{"ieq", Comparator::equals, true, Notation::string},
    OperatorInfo{"like", Comparator::contains, false, Notation::glob},
    OperatorInfo{"ilike", Comparator::contains, true, Notation::glob},
    OperatorInfo{"contains", Comparator::contains, false, Notation::string},
    OperatorInfo{"icontains", Comparator::contains, true, Notation::string},
    OperatorInfo{"starts_with", Comparator::starts_with, false, Notation::string},
    OperatorInfo{"istarts_with", Comparator::starts_with, true, Notation::string},
    OperatorInfo{"ends_with", Comparator::ends_with, false, Notation::string},
    OperatorInfo{"iends_with", Comparator::ends_with, true, Notation::string},
    OperatorInfo{"matches", Comparator::matches, false, Notation::pattern},
    OperatorInfo{"cidr", Comparator::cidr, false, Notation::string},
};

std::optional<Comparator> symbol_comparator(TokenKind kind) {
  switch (kind) {
    case TokenKind::equals:
    case TokenKind::not_equals:
      return Comparator::equals;
    case TokenKind::less:
      return Comparator::less;
    case TokenKind::less_equal:
      return Comparator::less_equal;
    case TokenKind::greater:
      return Comparator::greater;
    case TokenKind::greater_equal:
      return Comparator::greater_equal;
    default:
      return std::nullopt;
  }
}

const OperatorInfo* find_operator(std::string_view keyword) {
  for (const OperatorInfo& info : kKeywordOperators) {
    if (equal_folded(keyword, info.keyword)) return &info;
  }
  return nullptr;
}

Expr negate(Expr operand, Span span) { return {Not{std::make_unique<Expr>(std::move(operand))}, span}; }

class ExpressionParser {
 public:
  explicit ExpressionParser(TokenReader& reader) : reader_(reader) {}

  std::expected<Expr, Diagnostic> any() {
    return chain<Or>("or", [this] { return all(); });
  }

 private:
  using Parsed = std::expected<Expr, Diagnostic>;

  // One operand alone stays as it is.
  template <class Node, class Parse>
  Parsed chain(std::string_view keyword, Parse parse) {
    Parsed first = parse();
    if (!first || !reader_.at_keyword(keyword)) return first;
    const std::size_t begin = first->span.begin;
    Node node;
    node.operands.push_back(std::move(*first));
    while (reader_.accept_keyword(keyword)) {
      Parsed next = parse();
      if (!next) return next;
      node.operands.push_back(std::move(*next));
    }
    const std::size_t end = reader_.previous_end();
    return Expr{std::move(node), {begin, end}};
  }

  Parsed all() {
    return chain<And>("and", [this] { return one(); });
  }

  Parsed one() {
    const Token& token = reader_.peek();
    if (token.kind == TokenKind::left_parenthesis) return parenthesised();
    if (token.kind == TokenKind::string) return free_text();
    if (token.kind == TokenKind::quoted_name) return comparison();
    if (token.kind == TokenKind::name) {
      if (reader_.at_keyword("not")) return negation();
      if (reader_.at_keyword("and") || reader_.at_keyword("or")) return reader_.unexpected(std::string(kTerm));
      if (reader_.at_keyword("matches") && reader_.peek(1).kind == TokenKind::string) return free_pattern();
      return comparison();
    }
    const bool is_bare = token.kind == TokenKind::bare;
    return reader_.unexpected(std::string(kTerm), is_bare ? "to search for it as text, put it in quotes" : "");
  }

  // Counts a level of nesting while it lives.
  struct Level {
    explicit Level(std::size_t& depth) : depth_(depth) { ++depth_; }
    ~Level() { --depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    std::size_t& depth_;
  };

  std::optional<Diagnostic> too_deep(const Token& token) const {
    const std::size_t limit = reader_.options().max_depth;
    if (depth_ <= limit) return std::nullopt;
    return Diagnostic{token.span, fmt::format("more than {} levels of parentheses and NOT", limit), "", ""};
  }

  Parsed parenthesised() {
    const Level level(depth_);
    const Token& open = reader_.take();
    if (std::optional<Diagnostic> error = too_deep(open)) return std::unexpected(std::move(*error));
    if (reader_.at(TokenKind::right_parenthesis)) return reader_.unexpected(std::string(kTerm));
    Parsed inner = any();
    if (!inner) return inner;
    if (!reader_.at(TokenKind::right_parenthesis)) {
      if (reader_.at_end()) return mistake(open.span, "this parenthesis is not closed", ")");
      return missing_connective("AND, OR or )");
    }
    reader_.take();
    return inner;
  }

  Parsed negation() {
    const Level level(depth_);
    const Token& keyword = reader_.take();
    if (std::optional<Diagnostic> error = too_deep(keyword)) return std::unexpected(std::move(*error));
    Parsed operand = one();
    if (!operand) return operand;
    const Span span{keyword.span.begin, reader_.previous_end()};
    return negate(std::move(*operand), span);
  }

  std::optional<Diagnostic> count_term(const Token& token) {
    const std::size_t limit = reader_.options().max_terms;
    if (++terms_ <= limit) return std::nullopt;
    return Diagnostic{token.span, fmt::format("more than {} comparisons", limit), "", "IN takes many values at once"};
  }

  Parsed free_text() {
    const Token& token = reader_.take();
    if (std::optional<Diagnostic> error = count_term(token)) return std::unexpected(std::move(*error));
    const bool compared = symbol_comparator(reader_.peek().kind).has_value() ||
                          (reader_.at(TokenKind::name) && find_operator(reader_.text_of(reader_.peek())) != nullptr) ||
                          reader_.at_keyword("in");
    if (compared) {
      return mistake(token.span, "a field's name does not stand in quotes", "",
                     "leave the quotes out, or use backticks: `name`");
    }
    std::expected<Literal, Diagnostic> text = read_literal(reader_, token, Notation::string);
    if (!text) return std::unexpected(std::move(text.error()));
    if (text->text.empty()) return mistake(token.span, "free text is empty", "", "leave it out to find every event");
    return Expr{FreeText{std::move(*text)}, token.span};
  }

  // `matches` without a field before it.
  Parsed free_pattern() {
    const Token& keyword = reader_.take();
    if (std::optional<Diagnostic> error = count_term(keyword)) return std::unexpected(std::move(*error));
    std::expected<Literal, Diagnostic> pattern = read_value(reader_, Notation::pattern);
    if (!pattern) return std::unexpected(std::move(pattern.error()));
    return Expr{FreeText{std::move(*pattern), Comparator::matches}, {keyword.span.begin, reader_.previous_end()}};
  }

  Parsed comparison() {
    const Token& start = reader_.peek();
    if (std::optional<Diagnostic> error = count_term(start)) return std::unexpected(std::move(*error));
    const bool is_call = start.kind == TokenKind::name && reader_.peek(1).kind == TokenKind::left_parenthesis;
    if (is_call) return part_comparison(start);
    std::expected<FieldRef, Diagnostic> field = reader_.field();
    if (!field) return std::unexpected(std::move(field.error()));
    return compared(std::move(*field), start);
  }

  // From the operator on.
  Parsed compared(FieldRef field, const Token& start) {
    const Token& token = reader_.peek();
    if (const std::optional<Comparator> comparator = symbol_comparator(token.kind)) {
      reader_.take();
      return symbol_comparison(std::move(field), token.kind, *comparator);
    }
    if (reader_.at_keyword("in")) return membership(std::move(field));
    if (reader_.at_keyword("not")) return negated_membership(std::move(field));
    if (token.kind == TokenKind::name) {
      if (const OperatorInfo* info = find_operator(reader_.text_of(token))) {
        reader_.take();
        return keyword_comparison(std::move(field), *info);
      }
    }
    return missing_operator(start);
  }

  Parsed part_comparison(const Token& word) {
    const std::optional<TimePart> part = find_time_part(reader_.text_of(word));
    if (!part) return not_a_part(word);
    reader_.take();
    reader_.take();
    std::expected<FieldRef, Diagnostic> field = reader_.field();
    if (!field) return std::unexpected(std::move(field.error()));
    if (!reader_.accept(TokenKind::right_parenthesis)) {
      return reader_.unexpected(")", fmt::format("{}(…) takes one name", to_string(*part)));
    }
    const bool fits =
        symbol_comparator(reader_.peek().kind).has_value() || reader_.at_keyword("in") || reader_.at_keyword("not");
    if (!fits) return reader_.unexpected("= != < <= > >= IN", "as in hour(event_time) >= 22");
    const Token& operand = reader_.peek(1);
    Parsed expr = compared(std::move(*field), word);
    if (!expr) return expr;
    if (!make_part(*expr, *part, word.span.begin)) {
      return mistake(operand.span, fmt::format("{}(…) is compared with whole numbers alone", to_string(*part)),
                     "a whole number");
    }
    return expr;
  }

  // Makes a comparison, negated or not, one of a part. False where it is with something else than values.
  static bool make_part(Expr& expr, TimePart part, std::size_t begin) {
    expr.span.begin = begin;
    if (auto* negation = std::get_if<Not>(&expr.node)) return make_part(*negation->operand, part, begin);
    auto* comparison = std::get_if<Comparison>(&expr.node);
    if (comparison == nullptr) return false;
    expr.node = TimePartComparison{part, std::move(*comparison)};
    return true;
  }

  std::unexpected<Diagnostic> not_a_part(const Token& word) const {
    if (reader_.at_keyword("field")) {
      return mistake(word.span, "field(…) stands right of an operator", "", "left of it the name alone is the field");
    }
    const std::string_view written = reader_.text_of(word);
    const std::string_view nearest = nearest_time_part(written);
    return mistake(word.span, fmt::format("{} is no part of a time", excerpt(written)),
                   fmt::format("{}, or an operator after a field", kTimeParts),
                   nearest.empty() ? "" : fmt::format("did you mean {}(…)?", nearest));
  }

  std::unexpected<Diagnostic> missing_operator(const Token& field) const {
    std::string hint =
        fmt::format("to search for the text itself, put it in quotes: \"{}\"", excerpt(reader_.text_of(field)));
    if (reader_.at_keyword("is")) hint = "write = null or != null";
    if (reader_.at_keyword("equals") || reader_.at_keyword("eq")) hint = "write =";
    if (reader_.at_keyword("regex") || reader_.at_keyword("rlike")) hint = "write matches";
    if (reader_.at_keyword("between")) hint = "write: field >= a AND field <= b";
    return reader_.unexpected(std::string(kOperators), std::move(hint));
  }

  Parsed symbol_comparison(FieldRef field, TokenKind symbol, Comparator comparator) {
    const bool negated = symbol == TokenKind::not_equals;
    const std::size_t begin = field.span.begin;
    Expr expr;
    if (at_call_of("field")) {
      std::expected<Expr, Diagnostic> compared = field_comparison(std::move(field), comparator, false);
      if (!compared) return compared;
      expr = std::move(*compared);
    } else if (reader_.at_keyword("null")) {
      if (comparator != Comparator::equals) {
        return mistake(reader_.peek().span, "null has no order", "a value", "null goes with = and != only");
      }
      reader_.take();
      expr.node = IsNull{std::move(field)};
    } else {
      std::expected<Literal, Diagnostic> operand = read_value(reader_, Notation::string);
      if (!operand) return std::unexpected(std::move(operand.error()));
      Comparison comparison{std::move(field), comparator, false, {}};
      comparison.operands.push_back(std::move(*operand));
      expr.node = std::move(comparison);
    }
    expr.span = {begin, reader_.previous_end()};
    const Span span = expr.span;
    return negated ? negate(std::move(expr), span) : std::move(expr);
  }

  Parsed keyword_comparison(FieldRef field, const OperatorInfo& info) {
    const std::size_t begin = field.span.begin;
    if (at_call_of("field")) {
      if (std::optional<Diagnostic> error = not_between_fields(info)) return std::unexpected(std::move(*error));
      return field_comparison(std::move(field), info.comparator, info.ignore_case);
    }
    std::expected<Literal, Diagnostic> operand = read_value(reader_, info.notation);
    if (!operand) return std::unexpected(std::move(operand.error()));
    Comparison comparison{std::move(field), info.comparator, info.ignore_case, {}};
    if (info.notation == Notation::glob) {
      if (std::optional<Diagnostic> slip = sql_wildcard(*operand)) return std::unexpected(std::move(*slip));
      if (has_wildcard(operand->text)) {
        comparison.comparator = Comparator::glob;
      } else {
        operand->text = glob_to_text(operand->text);
      }
    }
    comparison.operands.push_back(std::move(*operand));
    return Expr{std::move(comparison), {begin, reader_.previous_end()}};
  }

  // A word and a parenthesis: what is no value by itself.
  bool at_call_of(std::string_view word) const {
    return reader_.at_keyword(word) && reader_.peek(1).kind == TokenKind::left_parenthesis;
  }

  Parsed field_comparison(FieldRef left, Comparator comparator, bool ignore_case) {
    reader_.take();
    reader_.take();
    std::expected<FieldRef, Diagnostic> right = reader_.field();
    if (!right) return std::unexpected(std::move(right.error()));
    if (!reader_.accept(TokenKind::right_parenthesis)) return reader_.unexpected(")", "field(…) takes one name");
    const Span span{left.span.begin, reader_.previous_end()};
    return Expr{FieldComparison{std::move(left), comparator, ignore_case, std::move(*right)}, span};
  }

  // What a pattern is must stand in the query itself.
  std::optional<Diagnostic> not_between_fields(const OperatorInfo& info) const {
    if (info.notation == Notation::string && info.comparator != Comparator::cidr) return std::nullopt;
    return Diagnostic{reader_.peek().span, fmt::format("{} does not compare two fields", info.keyword),
                      std::string(kBetweenFields),
                      "contains, starts_with and ends_with take the other field's value as it is"};
  }

  // `like "%x%"` of SQL would be a search for percent signs, hardly what was meant.
  static std::optional<Diagnostic> sql_wildcard(const Literal& operand) {
    const std::string_view text = operand.text;
    const bool looks_like_sql = (text.starts_with('%') || text.ends_with('%')) && !has_wildcard(text);
    if (!looks_like_sql) return std::nullopt;
    return Diagnostic{
        operand.span, "% is not a wildcard", "",
        "* stands for any text, and without it like finds a part; for a percent sign itself use contains"};
  }

  Parsed negated_membership(FieldRef field) {
    reader_.take();
    if (!reader_.at_keyword("in")) {
      const bool is_operator = reader_.at(TokenKind::name) && find_operator(reader_.text_of(reader_.peek())) != nullptr;
      std::string hint = is_operator ? fmt::format("NOT stands before the whole comparison: NOT {} {} …",
                                                   excerpt(field.name), reader_.text_of(reader_.peek()))
                                     : "";
      return reader_.unexpected("IN", std::move(hint));
    }
    Parsed inner = membership(std::move(field));
    if (!inner) return inner;
    const Span span = inner->span;
    return negate(std::move(*inner), span);
  }

  Parsed membership(FieldRef field) {
    reader_.take();
    const std::size_t begin = field.span.begin;
    Comparison comparison{std::move(field), Comparator::equals, false, {}};
    if (!reader_.accept(TokenKind::left_parenthesis)) {
      return reader_.unexpected("(", "values stand in parentheses: IN (\"a\", \"b\")");
    }
    const std::size_t limit = reader_.options().max_list_values;
    do {
      if (comparison.operands.size() == limit) {
        return mistake(reader_.peek().span, fmt::format("more than {} values in one IN", limit));
      }
      if (at_call_of("field")) {
        return mistake(reader_.peek().span, "IN takes values, no fields", "a value: text in quotes, a number, a time",
                       fmt::format("write {0} = field(…) OR {0} = field(…)", excerpt(comparison.field.name)));
      }
      std::expected<Literal, Diagnostic> operand = read_value(reader_, Notation::string);
      if (!operand) return std::unexpected(std::move(operand.error()));
      comparison.operands.push_back(std::move(*operand));
    } while (reader_.accept(TokenKind::comma));
    if (!reader_.accept(TokenKind::right_parenthesis)) return reader_.unexpected(", or )");
    return Expr{std::move(comparison), {begin, reader_.previous_end()}};
  }

  std::unexpected<Diagnostic> missing_connective(std::string expected) const {
    return reader_.unexpected(std::move(expected), "join comparisons with AND or OR");
  }

  TokenReader& reader_;
  std::size_t depth_ = 0;
  std::size_t terms_ = 0;
};

std::expected<TokenReader, Diagnostic> read_tokens(std::string_view text, const ParseOptions& options) {
  if (text.size() > options.max_text_bytes) {
    return mistake({options.max_text_bytes, text.size()},
                   fmt::format("the query has {} bytes, more than {}", text.size(), options.max_text_bytes));
  }
  std::expected<std::vector<Token>, Diagnostic> tokens = lex(text);
  if (!tokens) return std::unexpected(std::move(tokens.error()));
  return TokenReader(text, std::move(*tokens), options);
}

// What may stand after a complete expression, told to someone who wrote something else.
std::unexpected<Diagnostic> not_the_end(const TokenReader& reader, std::string expected) {
  if (reader.at(TokenKind::right_parenthesis)) {
    return mistake(reader.peek().span, "this parenthesis closes nothing", std::move(expected));
  }
  return reader.unexpected(std::move(expected), "join comparisons with AND or OR");
}

}  // namespace

std::expected<Query, Diagnostic> parse(std::string_view text, const ParseOptions& options) {
  std::expected<TokenReader, Diagnostic> reader = read_tokens(text, options);
  if (!reader) return std::unexpected(std::move(reader.error()));
  Query query;
  if (!reader->at_end() && !reader->at(TokenKind::pipe)) {
    std::expected<Expr, Diagnostic> filter = ExpressionParser(*reader).any();
    if (!filter) return std::unexpected(std::move(filter.error()));
    query.filter = std::move(*filter);
  }
  if (!reader->at_end() && !reader->at(TokenKind::pipe)) return not_the_end(*reader, "AND, OR, | or the end");
  std::expected<std::vector<Stage>, Diagnostic> stages = parse_stages(*reader);
  if (!stages) return std::unexpected(std::move(stages.error()));
  query.stages = std::move(*stages);
  return query;
}

std::expected<Expr, Diagnostic> parse_expression(std::string_view text, const ParseOptions& options) {
  std::expected<TokenReader, Diagnostic> reader = read_tokens(text, options);
  if (!reader) return std::unexpected(std::move(reader.error()));
  std::expected<Expr, Diagnostic> expr = ExpressionParser(*reader).any();
  if (!expr) return expr;
  if (reader->at(TokenKind::pipe)) {
    return mistake(reader->peek().span, "pipes have no place here", "AND, OR or the end",
                   "an expression alone decides which events are meant");
  }
  if (!reader->at_end()) return not_the_end(*reader, "AND, OR or the end");
  return expr;
}

}  // namespace sightline::query
