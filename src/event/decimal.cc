#include "event/decimal.h"

#include <charconv>

namespace sightline {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

struct Lexeme {
  bool negative = false;
  std::string digits;               // integer and fraction digits, as written
  std::int64_t integer_digits = 0;  // how many of them stand before the point, the exponent applied
};

std::string_view take_digits(std::string_view& rest) {
  std::size_t length = 0;
  while (length < rest.size() && is_digit(rest[length])) ++length;
  const std::string_view digits = rest.substr(0, length);
  rest.remove_prefix(length);
  return digits;
}

// nullopt where the grammar of a JSON number is broken or the exponent is beyond any size we keep.
std::optional<Lexeme> parse(std::string_view rest) {
  Lexeme number;
  if (rest.starts_with('-')) {
    number.negative = true;
    rest.remove_prefix(1);
  }
  const std::string_view integer = take_digits(rest);
  if (integer.empty() || (integer.size() > 1 && integer.front() == '0')) return std::nullopt;
  number.digits = integer;
  number.integer_digits = static_cast<std::int64_t>(integer.size());
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    const std::string_view fraction = take_digits(rest);
    if (fraction.empty()) return std::nullopt;
    number.digits += fraction;
  }
  if (rest.starts_with('e') || rest.starts_with('E')) {
    rest.remove_prefix(1);
    if (rest.starts_with('+')) {
      rest.remove_prefix(1);
      if (rest.starts_with('-')) return std::nullopt;
    }
    std::int64_t exponent = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), exponent);
    if (error != std::errc() || end != rest.data() + rest.size()) return std::nullopt;
    if (exponent > 1'000'000 || exponent < -1'000'000) return std::nullopt;
    if (!is_digit(rest.back())) return std::nullopt;
    number.integer_digits += exponent;
    rest = {};
  }
  if (!rest.empty()) return std::nullopt;
  return number;
}

// Most numbers are plain integers, whose lexeme is the canonical form already.
bool is_plain_integer(std::string_view lexeme) {
  if (lexeme.starts_with('-')) lexeme.remove_prefix(1);
  if (lexeme.empty() || lexeme.size() >= kMaxDecimalSize || lexeme.front() == '0') return false;
  for (const char c : lexeme) {
    if (!is_digit(c)) return false;
  }
  return true;
}

std::string_view trim_zeros(std::string_view digits) {
  while (!digits.empty() && digits.back() == '0') digits.remove_suffix(1);
  return digits;
}

}  // namespace

std::optional<std::string> canonical_decimal(std::string_view lexeme) {
  if (is_plain_integer(lexeme)) return std::string(lexeme);
  std::optional<Lexeme> number = parse(lexeme);
  if (!number) return std::nullopt;
  std::string_view digits = number->digits;
  std::int64_t integer_digits = number->integer_digits;
  while (digits.starts_with('0')) {
    digits.remove_prefix(1);
    --integer_digits;
  }
  digits = trim_zeros(digits);
  if (digits.empty()) return "0";

  const auto limit = static_cast<std::int64_t>(kMaxDecimalSize) - 3;  // sign, leading zero, point
  const auto digit_count = static_cast<std::int64_t>(digits.size());
  if (integer_digits > limit || digit_count > limit || digit_count - integer_digits > limit) return std::nullopt;

  std::string text = number->negative ? "-" : "";
  if (integer_digits <= 0) {
    text += "0.";
    text.append(static_cast<std::size_t>(-integer_digits), '0');
    text += digits;
  } else if (integer_digits >= digit_count) {
    text += digits;
    text.append(static_cast<std::size_t>(integer_digits - digit_count), '0');
  } else {
    text += digits.substr(0, static_cast<std::size_t>(integer_digits));
    text += '.';
    text += digits.substr(static_cast<std::size_t>(integer_digits));
  }
  return text;
}

std::strong_ordering compare_decimals(std::string_view left, std::string_view right) {
  const bool left_negative = left.starts_with('-');
  const bool right_negative = right.starts_with('-');
  if (left_negative != right_negative) return right_negative <=> left_negative;
  if (left_negative) {
    std::swap(left, right);
    left.remove_prefix(1);
    right.remove_prefix(1);
  }
  // The longer integer part is larger; with equal integer parts '.' sorts below every digit, so bytes decide.
  const std::size_t left_integer = std::min(left.find('.'), left.size());
  const std::size_t right_integer = std::min(right.find('.'), right.size());
  if (left_integer != right_integer) return left_integer <=> right_integer;
  return left.compare(right) <=> 0;
}

}  // namespace sightline
