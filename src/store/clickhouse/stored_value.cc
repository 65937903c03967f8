#include "store/clickhouse/stored_value.h"

namespace sightline::store::clickhouse {
namespace {

constexpr std::size_t kUuidBytes = 16;
constexpr std::size_t kUuidTextSize = 36;

constexpr bool is_dash_position(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

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
  for (std::size_t i = 0; i < text.size();) {
    if (is_dash_position(i)) {
      if (text[i] != '-') return false;
      ++i;
      continue;
    }
    const int high = digit_value(text[i]);
    const int low = digit_value(text[i + 1]);
    if (high < 0 || low < 0) return false;
    *bytes++ = static_cast<char>(high << 4 | low);
    i += 2;
  }
  return true;
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
