#include "sources/json/json_string.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace sightline::sources {
namespace {

constexpr std::uint32_t kReplacementCodePoint = 0xFFFD;

std::optional<std::uint32_t> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint32_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint32_t>(c - 'A' + 10);
  return std::nullopt;
}

// Reads "XXXX" after "\u"; nullopt where these are not four hexadecimal digits.
std::optional<std::uint32_t> read_code_unit(std::string_view raw) {
  if (raw.size() < 4) return std::nullopt;
  std::uint32_t unit = 0;
  for (const char c : raw.substr(0, 4)) {
    const std::optional<std::uint32_t> digit = hex_digit(c);
    if (!digit) return std::nullopt;
    unit = unit << 4 | *digit;
  }
  return unit;
}

char* put_utf8(char* out, std::uint32_t code_point) {
  const auto put = [&out](std::uint32_t byte) { *out++ = static_cast<char>(byte); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0 | code_point >> 6);
    put(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    put(0xE0 | code_point >> 12);
    put(0x80 | (code_point >> 6 & 0x3F));
    put(0x80 | (code_point & 0x3F));
  } else {
    put(0xF0 | code_point >> 18);
    put(0x80 | (code_point >> 12 & 0x3F));
    put(0x80 | (code_point >> 6 & 0x3F));
    put(0x80 | (code_point & 0x3F));
  }
  return out;
}

// `raw` starts behind "\u". Takes what it reads off its front.
std::optional<std::uint32_t> take_code_point(std::string_view& raw) {
  const std::optional<std::uint32_t> high = read_code_unit(raw);
  if (!high) return std::nullopt;
  raw.remove_prefix(4);
  if (*high < 0xD800 || *high > 0xDFFF) return high;
  if (*high > 0xDBFF || !raw.starts_with("\\u")) return kReplacementCodePoint;
  const std::optional<std::uint32_t> low = read_code_unit(raw.substr(2));
  if (!low || *low < 0xDC00 || *low > 0xDFFF) return kReplacementCodePoint;
  raw.remove_prefix(6);
  return 0x10000 + ((*high - 0xD800) << 10) + (*low - 0xDC00);
}

std::optional<char> simple_escape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<std::size_t> unescape_json(std::string_view raw, char* out) {
  char* end = out;
  while (true) {
    const std::size_t plain = std::min(raw.find('\\'), raw.size());
    std::memcpy(end, raw.data(), plain);
    end += plain;
    raw.remove_prefix(plain);
    if (raw.empty()) return static_cast<std::size_t>(end - out);
    if (raw.size() < 2) return std::nullopt;
    const char kind = raw[1];
    raw.remove_prefix(2);
    if (kind == 'u') {
      const std::optional<std::uint32_t> code_point = take_code_point(raw);
      if (!code_point) return std::nullopt;
      end = put_utf8(end, *code_point);
    } else {
      const std::optional<char> byte = simple_escape(kind);
      if (!byte) return std::nullopt;
      *end++ = *byte;
    }
  }
}

}  // namespace sightline::sources
