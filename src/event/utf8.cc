#include "event/utf8.h"

#include <cstdint>
#include <cstring>

#include "base/json_text.h"

namespace sightline {
namespace {

std::size_t ascii_prefix_size(std::string_view bytes) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  std::size_t size = 0;
  for (; size + 8 <= bytes.size(); size += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + size, 8);
    if ((word & kHighBits) != 0) break;
  }
  while (size < bytes.size() && static_cast<std::uint8_t>(bytes[size]) < 0x80) ++size;
  return size;
}

std::size_t valid_prefix_size(std::string_view bytes) {
  std::size_t size = 0;
  while (true) {
    size += ascii_prefix_size(bytes.substr(size));
    if (size == bytes.size()) return size;
    const std::size_t character = utf8_sequence_length(bytes.substr(size));
    if (character == 0) return size;
    size += character;
  }
}

}  // namespace

bool is_valid_utf8(std::string_view bytes) { return valid_prefix_size(bytes) == bytes.size(); }

void append_valid_utf8(std::string& out, std::string_view bytes) {
  constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";
  while (!bytes.empty()) {
    const std::size_t valid = valid_prefix_size(bytes);
    out += bytes.substr(0, valid);
    bytes.remove_prefix(valid);
    if (bytes.empty()) return;
    out += kReplacementCharacter;
    bytes.remove_prefix(1);
  }
}

}  // namespace sightline
