#include "query/utf8.h"

#include "base/json_text.h"

namespace sightline::query {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t index) { return static_cast<std::uint8_t>(text[index]); }

}  // namespace

std::string to_valid_utf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size() + 8);
  bool in_invalid_run = false;
  while (!text.empty()) {
    const std::size_t size = utf8_sequence_length(text);
    if (size == 0) {
      if (!in_invalid_run) valid += "\xEF\xBF\xBD";
      in_invalid_run = true;
      text.remove_prefix(1);
    } else {
      valid += text.substr(0, size);
      in_invalid_run = false;
      text.remove_prefix(size);
    }
  }
  return valid;
}

char32_t decode_sequence(std::string_view sequence) {
  const std::uint8_t first = byte_at(sequence, 0);
  if (sequence.size() == 1) return first;
  char32_t code_point = first & (0xFFU >> (sequence.size() + 1));
  for (const char c : sequence.substr(1)) code_point = (code_point << 6) | (static_cast<std::uint8_t>(c) & 0x3FU);
  return code_point;
}

bool append_utf8(std::string& out, std::uint32_t code_point) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((code_point >> shift) & 0x3F)); };
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    out += static_cast<char>(0xC0 | (code_point >> 6));
    tail(0);
  } else if (code_point < 0x10000) {
    if (code_point >= 0xD800 && code_point <= 0xDFFF) return false;
    out += static_cast<char>(0xE0 | (code_point >> 12));
    tail(6);
    tail(0);
  } else if (code_point <= 0x10FFFF) {
    out += static_cast<char>(0xF0 | (code_point >> 18));
    tail(12);
    tail(6);
    tail(0);
  } else {
    return false;
  }
  return true;
}

}  // namespace sightline::query
