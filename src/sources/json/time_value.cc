#include "sources/json/time_value.h"

#include <charconv>

#include "event/time.h"

namespace sightline::sources {
namespace {

constexpr std::int64_t kYear2200Ms = 7'258'118'400'000;
constexpr std::size_t kSecondDigits = 10;
constexpr std::size_t kMillisecondDigits = 13;

bool is_digits(std::string_view text) { return text.find_first_not_of("0123456789") == std::string_view::npos; }

std::int64_t to_integer(std::string_view digits) {
  std::int64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

// The first three digits of a fraction, as milliseconds.
std::int64_t fraction_ms(std::string_view digits) {
  std::int64_t value = 0;
  for (std::size_t i = 0; i < 3; ++i) value = value * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  return value;
}

std::optional<std::int64_t> parse_number(std::string_view text) {
  const std::size_t point = text.find('.');
  const std::string_view integer = text.substr(0, point);
  const std::string_view fraction = point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  if (!is_digits(integer) || !is_digits(fraction)) return std::nullopt;
  if (integer.size() == kSecondDigits) return to_integer(integer) * 1000 + fraction_ms(fraction);
  if (integer.size() == kMillisecondDigits) return to_integer(integer);
  return std::nullopt;
}

}  // namespace

std::optional<std::int64_t> parse_time_value(std::string_view text) {
  std::optional<std::int64_t> time_ms = parse_number(text);
  if (!time_ms) time_ms = parse_iso8601(text);
  if (!time_ms || *time_ms <= 0 || *time_ms >= kYear2200Ms) return std::nullopt;
  return time_ms;
}

}  // namespace sightline::sources
