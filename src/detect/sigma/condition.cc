#include "detect/sigma/condition.h"

#include <fmt/format.h>

#include <algorithm>

#include "query/fold.h"
#include "query/glob.h"

namespace sightline::detect::sigma {
namespace {

using query::equal_folded;

constexpr std::size_t kMaxDepth = 64;
constexpr std::size_t kMaxWords = 4'096;

struct Word {
  std::string_view text;  // "(" and ")" are words; empty: the end
  std::size_t offset = 0;
};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::vector<Word> split(std::string_view text) {
  std::vector<Word> words;
  std::size_t at = 0;
  while (at < text.size()) {
    if (is_blank(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at + 1;
    const bool is_sign = text[at] == '(' || text[at] == ')' || text[at] == '|';
    while (!is_sign && end < text.size() && !is_blank(text[end]) && !std::string_view("()|").contains(text[end])) ++end;
    words.push_back({text.substr(at, end - at), at});
    at = end;
  }
  words.push_back({{}, text.size()});
  return words;
}

// Thrown and caught in this file.
struct Mistake {
  ConditionMistake mistake;
};

[[noreturn]] void mistake(const Word& at, std::string message, std::string hint = {}) {
  throw Mistake{{at.offset, std::move(message), std::move(hint)}};
}

std::string shown(const Word& word) {
  return word.text.empty() ? "the end" : fmt::format("\"{}\"", word.text.substr(0, 64));
}

class Parser {
 public:
  explicit Parser(std::string_view text) : words_(split(text)) {
    if (words_.size() > kMaxWords)
      mistake(words_.back(), fmt::format("more than {} words", kMaxWords), "write patterns: 1 of name*");
  }

  Condition parse() {
    Condition condition = joined(Condition::Kind::disjunction, 0);
    if (peek().text == "|") {
      mistake(peek(), "counting after \"|\" is no longer part of Sigma",
              "write a correlation rule that refers to this one");
    }
    if (!peek().text.empty())
      mistake(peek(), fmt::format("unexpected {}; expected \"and\" or \"or\"", shown(peek())),
              "as in: selection and not filter");
    return condition;
  }

 private:
  const Word& peek() const { return words_[at_]; }
  const Word& take() { return at_ + 1 < words_.size() ? words_[at_++] : words_[at_]; }
  bool at_word(std::string_view word) const { return equal_folded(peek().text, word); }
  bool accept(std::string_view word) {
    if (!at_word(word)) return false;
    take();
    return true;
  }

  Condition joined(Condition::Kind kind, std::size_t depth) {
    if (depth > kMaxDepth)
      mistake(peek(), fmt::format("nested more than {} levels deep", kMaxDepth), "leave brackets out");
    const bool is_or = kind == Condition::Kind::disjunction;
    const auto operand = [&] { return is_or ? joined(Condition::Kind::conjunction, depth) : negation(depth); };
    Condition first = operand();
    if (!at_word(is_or ? "or" : "and")) return first;
    Condition whole{kind, {}, {}, first.offset};
    whole.operands.push_back(std::move(first));
    while (accept(is_or ? "or" : "and")) whole.operands.push_back(operand());
    return whole;
  }

  Condition negation(std::size_t depth) {
    if (depth > kMaxDepth)
      mistake(peek(), fmt::format("nested more than {} levels deep", kMaxDepth), "leave brackets out");
    const Word& word = take();
    if (equal_folded(word.text, "not")) {
      Condition negated{Condition::Kind::negation, {}, {}, word.offset};
      negated.operands.push_back(negation(depth + 1));
      return negated;
    }
    if (word.text == "(") {
      Condition inner = joined(Condition::Kind::disjunction, depth + 1);
      if (!accept(")"))
        mistake(peek(), fmt::format("unexpected {}; expected \")\"", shown(peek())), "close the bracket");
      return inner;
    }
    if (at_word("of")) return quantified(word);
    const bool is_name = !word.text.empty() && word.text != ")" && word.text != "|" && !is_connective(word.text);
    if (!is_name)
      mistake(word, fmt::format("unexpected {}; expected a search identifier, \"not\", or \"(\"", shown(word)),
              "as in: selection and not filter");
    return {Condition::Kind::name, std::string(word.text), {}, word.offset};
  }

  Condition quantified(const Word& quantifier) {
    take();  // "of"
    const bool all = equal_folded(quantifier.text, "all");
    if (!all && quantifier.text != "1" && !equal_folded(quantifier.text, "any")) {
      mistake(quantifier, fmt::format("{} of …; expected 1, any, or all", shown(quantifier)),
              "other numbers are not part of Sigma");
    }
    const Word& pattern = take();
    const bool is_pattern = !pattern.text.empty() && !std::string_view("()|").contains(pattern.text.front()) &&
                            !is_connective(pattern.text);
    if (!is_pattern)
      mistake(pattern, fmt::format("unexpected {}; expected \"them\" or a pattern of names", shown(pattern)),
              "as in: 1 of selection_*");
    const bool them = equal_folded(pattern.text, "them");
    return {all ? Condition::Kind::all_of : Condition::Kind::any_of,
            them ? std::string() : std::string(pattern.text),
            {},
            quantifier.offset};
  }

  static bool is_connective(std::string_view word) {
    return equal_folded(word, "and") || equal_folded(word, "or") || equal_folded(word, "not");
  }

  std::vector<Word> words_;
  std::size_t at_ = 0;
};

}  // namespace

std::expected<Condition, ConditionMistake> parse_condition(std::string_view text) {
  try {
    return Parser(text).parse();
  } catch (Mistake& found) {
    return std::unexpected(std::move(found.mistake));
  }
}

bool fits(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) return !name.starts_with('_');
  return query::Glob(pattern, false).matches(name);
}

}  // namespace sightline::detect::sigma
