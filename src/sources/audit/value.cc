#include "sources/audit/value.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace sightline::audit {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

constexpr std::uint8_t kNotHex = 0xff;

constexpr std::array<std::uint8_t, 256> make_hex_digits() {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(kNotHex);
  for (std::uint8_t i = 0; i < 10; ++i) digits[static_cast<std::size_t>('0' + i)] = i;
  for (std::uint8_t i = 0; i < 6; ++i) {
    digits[static_cast<std::size_t>('a' + i)] = static_cast<std::uint8_t>(10 + i);
    digits[static_cast<std::size_t>('A' + i)] = static_cast<std::uint8_t>(10 + i);
  }
  return digits;
}
constexpr std::array<std::uint8_t, 256> kHexDigits = make_hex_digits();

std::uint8_t hex_digit(char c) { return kHexDigits[static_cast<unsigned char>(c)]; }

template <class Number>
std::optional<Number> parse_number(std::string_view text, int base) {
  Number value = 0;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const auto [stop, error] = std::from_chars(begin, end, value, base);
  if (error != std::errc() || stop != end || text.empty()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::string_view> decode_hex(std::string_view digits, Arena& arena) {
  if (digits.size() % 2 != 0) return std::nullopt;
  if (digits.empty()) return std::string_view("");
  if (hex_digit(digits.front()) == kNotHex) return std::nullopt;  // most of what is no hexadecimal
  const std::size_t size = digits.size() / 2;
  char* bytes = arena.allocate(size);
  unsigned seen = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const unsigned high = hex_digit(digits[2 * i]);
    const unsigned low = hex_digit(digits[2 * i + 1]);
    seen |= high | low;
    bytes[i] = static_cast<char>(high << 4 | low);
  }
  if (seen == kNotHex) return std::nullopt;
  return std::string_view(bytes, size);
}

std::string_view decode_text(const Field& field, Arena& arena) {
  if (field.quoted) return field.value;
  return decode_hex(field.value, arena).value_or(field.value);
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  constexpr std::size_t kFewDigits = 10;  // no overflow, and most numbers of a log
  if (text.empty() || text.size() > kFewDigits || !is_digit(text.front())) return parse_number<std::int64_t>(text, 10);
  std::int64_t value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

std::optional<std::uint64_t> parse_hex(std::string_view text) {
  if (text.starts_with("0x")) text.remove_prefix(2);
  return parse_number<std::uint64_t>(text, 16);
}

std::optional<std::uint64_t> parse_octal(std::string_view text) { return parse_number<std::uint64_t>(text, 8); }

bool is_canonical_integer(std::string_view text) {
  constexpr std::size_t kMaxDigits = 18;
  if (text == "0") return true;
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.empty() || text.size() > kMaxDigits || text.front() == '0') return false;
  return std::ranges::all_of(text, is_digit);
}

std::string_view executable_name(std::string_view exe) {
  constexpr std::string_view kDeleted = " (deleted)";
  if (exe.ends_with(kDeleted)) {
    exe.remove_suffix(kDeleted.size());
    // A package manager that replaces a running file names it NAME;1a2b3c4d first.
    constexpr std::size_t kSuffix = 9;
    if (exe.size() > kSuffix && exe[exe.size() - kSuffix] == ';' &&
        std::ranges::all_of(exe.substr(exe.size() - kSuffix + 1), [](char c) { return hex_digit(c) != kNotHex; })) {
      exe.remove_suffix(kSuffix);
    }
  }
  return exe.substr(exe.rfind('/') + 1);
}

}  // namespace sightline::audit
