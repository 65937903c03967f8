// Exact decimals of any size, as text.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace sightline {

// The plain form of a JSON number lexeme: optional '-', integer digits without leading zeros ("0" if none), and, only
// if there is a fraction, '.' and digits without trailing zeros. No exponent; "-0" is "0". Equal numbers have equal
// forms. nullopt: not a JSON number, or the plain form would exceed kMaxDecimalSize characters (such a number is kept
// as text).
std::optional<std::string> canonical_decimal(std::string_view lexeme);
inline constexpr std::size_t kMaxDecimalSize = 400;

// Orders two canonical forms by value.
std::strong_ordering compare_decimals(std::string_view left, std::string_view right);

}  // namespace sightline
