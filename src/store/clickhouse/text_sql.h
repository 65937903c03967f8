// SQL conditions on texts and numbers, whatever expression gives them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "query/ast.h"

namespace sightline::store::clickhouse {

// Conditions are expressions that are 0 or 1, never NULL.
inline constexpr std::string_view kFalse = "0";
inline constexpr std::string_view kTrue = "1";

// "(a OR b)"; no terms: kFalse. Terms that are kFalse are left out, and one that is kTrue decides.
std::string any_of(const std::vector<std::string>& terms);
// "(a AND b)"; no terms: kTrue.
std::string all_of(const std::vector<std::string>& terms);
std::string negate(std::string_view condition);

// That the text `value` (an SQL expression of type String, the value's own bytes) satisfies `comparator` with the
// operand. All comparators; cidr and matches as docs/query-language.md says.
std::string text_condition(std::string_view value, query::Comparator comparator, bool ignore_case,
                           std::string_view operand);

// The text with each run of bytes that are no valid UTF-8 replaced by one U+FFFD. The engine's function swallows what
// follows a lead byte near the end of the text; blanks behind it keep that from happening.
std::string valid_utf8(std::string_view value);

// That the canonical decimal `value` is in that order with another one.
std::string decimal_condition(std::string_view value, query::Comparator comparator, std::string_view decimal);

// "<" and so on, of an order comparator.
std::string_view order_sign(query::Comparator comparator);
bool is_order(query::Comparator comparator);

// A to Z as a to z.
std::string fold_ascii(std::string_view text);

}  // namespace sightline::store::clickhouse
