// The condition of a Sigma rule: how its search identifiers are joined.
//
//   condition  := conjunction { "or" conjunction }
//   conjunction:= negation { "and" negation }
//   negation   := "not" negation | "(" condition ")" | quantified | NAME
//   quantified := ( "1" | "any" | "all" ) "of" ( "them" | PATTERN )        PATTERN: a name with `*`
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace sightline::detect::sigma {

struct Condition {
  enum class Kind {
    name,    // one search identifier
    any_of,  // of those whose name fits `text`
    all_of,
    conjunction,
    disjunction,
    negation,  // one operand
  };
  Kind kind = Kind::name;
  std::string text;  // the name or pattern; empty for "them"
  std::vector<Condition> operands;
  std::size_t offset = 0;  // in the condition's text
};

struct ConditionMistake {
  std::size_t offset = 0;
  std::string message;
  std::string hint;
};

// Words in any case. Bounded depth and size.
std::expected<Condition, ConditionMistake> parse_condition(std::string_view text);

// Whether a name fits a pattern with `*`. "them" (an empty pattern) is every name that does not begin with `_`.
bool fits(std::string_view pattern, std::string_view name);

}  // namespace sightline::detect::sigma
