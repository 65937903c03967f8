#include "query/utf8.h"

#include <cstring>

namespace sightline::query {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t index) { return static_cast<std::uint8_t>(text[index]); }

bool is_continuation(std::uint8_t byte) { return (byte & 0xC0) == 0x80; }

// The range of the second byte, which rules out overlong forms, surrogates and what lies beyond U+10FFFF.
bool is_second_byte(std::uint8_t first, std::uint8_t second) {
  switch (first) {
    case 0xE0:
      return second >= 0xA0 && second <= 0xBF;
    case 0xED:
      return second >= 0x80 && second <= 0x9F;
    case 0xF0:
      return second >= 0x90 && second <= 0xBF;
    case 0xF4:
      return second >= 0x80 && second <= 0x8F;
    default:
      return is_continuation(second);
  }
}

std::size_t sequence_size(std::uint8_t first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return 2;
  if (first >= 0xE0 && first <= 0xEF) return 3;
  if (first >= 0xF0 && first <= 0xF4) return 4;
  return 0;
}

// How many bytes at the start are ASCII, eight at a time.
std::size_t ascii_prefix(std::string_view text) {
  std::size_t size = 0;
  while (size + 8 <= text.size()) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + size, 8);
    if ((word & 0x8080808080808080ULL) != 0) break;
    size += 8;
  }
  while (size < text.size() && byte_at(text, size) < 0x80) ++size;
  return size;
}

}  // namespace

std::size_t valid_sequence_size(std::string_view text) {
  if (text.empty()) return 0;
  const std::uint8_t first = byte_at(text, 0);
  const std::size_t size = sequence_size(first);
  if (size <= 1) return size;
  if (text.size() < size || !is_second_byte(first, byte_at(text, 1))) return 0;
  for (std::size_t i = 2; i < size; ++i) {
    if (!is_continuation(byte_at(text, i))) return 0;
  }
  return size;
}

bool is_valid_utf8(std::string_view text) {
  while (true) {
    text.remove_prefix(ascii_prefix(text));
    if (text.empty()) return true;
    const std::size_t size = valid_sequence_size(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
}

std::string to_valid_utf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size() + 8);
  bool in_invalid_run = false;
  while (!text.empty()) {
    const std::size_t size = valid_sequence_size(text);
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
