#include "store/clickhouse/stored_value.h"

#include <array>
#include <cstdint>

namespace sightline::store::clickhouse {
namespace {

constexpr std::size_t kUuidBytes = 16;
constexpr std::size_t kUuidTextSize = 36;

constexpr bool is_dash_position(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

// What a digit stands for; above 15 where it is none.
constexpr auto kDigitValues = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(0xff);
  for (std::uint8_t i = 0; i < 10; ++i) values['0' + i] = i;
  for (std::uint8_t i = 0; i < 6; ++i) values['a' + i] = static_cast<std::uint8_t>(10 + i);
  return values;
}();

std::string format_uuid(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(kUuidTextSize);
  for (const char c : bytes) {
    if (is_dash_position(text.size())) text += '-';
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace

bool parse_uuid(std::string_view text, char* bytes) {
  if (text.size() != kUuidTextSize) return false;
  unsigned met = 0;  // every bit of every digit's value
  for (std::size_t i = 0; i < text.size(); i += 2) {
    if (is_dash_position(i) && text[i++] != '-') return false;
    const unsigned high = kDigitValues[static_cast<unsigned char>(text[i])];
    const unsigned low = kDigitValues[static_cast<unsigned char>(text[i + 1])];
    met |= high | low;
    *bytes++ = static_cast<char>(high << 4 | low);
  }
  return met < 16;
}

std::string_view to_stored_text(std::string_view value, bool packed, std::string& scratch) {
  if (value.empty() || value.front() == kTextEscape || value.front() == kUuidMark) {
    scratch.assign(1, kTextEscape);
    scratch += value;
    return scratch;
  }
  if (!packed || value.size() != kUuidTextSize) return value;
  char bytes[kUuidBytes];
  if (!parse_uuid(value, bytes)) return value;
  scratch.assign(1, kUuidMark);
  scratch.append(bytes, kUuidBytes);
  return scratch;
}

std::optional<std::string_view> from_stored_text(std::string_view stored, std::string& scratch) {
  if (stored.empty()) return std::nullopt;
  if (stored.front() == kTextEscape) return stored.substr(1);
  if (stored.front() != kUuidMark) return stored;
  scratch = format_uuid(stored.substr(1));
  return scratch;
}

std::string_view to_attribute_key(std::string_view path, Attribute::Kind kind, std::string& scratch) {
  const bool number = kind == Attribute::Kind::number;
  if (!number && !path.ends_with(kNumberMark) && !path.ends_with(kTextMark)) return path;
  scratch = path;
  scratch += number ? kNumberMark : kTextMark;
  return scratch;
}

AttributeName from_attribute_key(std::string_view key) {
  if (key.ends_with(kNumberMark)) return {key.substr(0, key.size() - 1), Attribute::Kind::number};
  if (key.ends_with(kTextMark)) return {key.substr(0, key.size() - 1), Attribute::Kind::text};
  return {key, Attribute::Kind::text};
}

}  // namespace sightline::store::clickhouse
