#include "sources/laurel/percent.h"

namespace sightline::laurel {
namespace {

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string_view decode_percent(std::string_view text, Arena& arena) {
  if (!text.contains('%')) return text;
  char* begin = arena.allocate(text.size());
  char* end = begin;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool whole = text[i] == '%' && i + 2 < text.size();
    const int high = whole ? digit_of(text[i + 1]) : -1;
    const int low = whole ? digit_of(text[i + 2]) : -1;
    if (high < 0 || low < 0) {
      *end++ = text[i];
    } else {
      *end++ = static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return {begin, static_cast<std::size_t>(end - begin)};
}

std::string_view to_hex_digits(std::string_view bytes, Arena& arena) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  char* text = arena.allocate(2 * bytes.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    text[2 * i] = kDigits[byte >> 4];
    text[2 * i + 1] = kDigits[byte & 15];
  }
  return {text, 2 * bytes.size()};
}

}  // namespace sightline::laurel
