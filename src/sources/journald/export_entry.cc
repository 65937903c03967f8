#include "sources/journald/export_entry.h"

#include <algorithm>
#include <cstdint>

namespace sightline::journald {
namespace {

constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kMaxNameBytes = 64;  // journald's own limit

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kMaxNameBytes &&
         std::ranges::all_of(text, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; });
}

std::uint64_t read_length(std::string_view bytes) {
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i) {
    length |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  return length;
}

}  // namespace

std::expected<void, ExportError> parse_export_entry(std::string_view bytes, Entry& entry) {
  const auto fail = [](std::size_t offset, const char* expected) {
    return std::unexpected(ExportError{offset, expected});
  };
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
    const std::string_view line = bytes.substr(at, end - at);
    const std::size_t equals = line.find('=');
    const std::string_view name = line.substr(0, equals);
    if (!is_name(name)) return fail(at, "the name of a field, in capitals");
    if (end == bytes.size()) return fail(end, "the end of the line");
    if (equals != std::string_view::npos) {
      entry.push_back({name, line.substr(equals + 1)});
      at = end + 1;
      continue;
    }
    at = end + 1;
    if (bytes.size() - at < kLengthBytes) return fail(at, "the eight bytes of a length");
    const std::uint64_t length = read_length(bytes.substr(at));
    at += kLengthBytes;
    if (bytes.size() - at <= length) return fail(at, "as many bytes as the length says, and the end of the line");
    entry.push_back({name, bytes.substr(at, static_cast<std::size_t>(length))});
    at += static_cast<std::size_t>(length);
    if (bytes[at] != '\n') return fail(at, "the end of the line");
    ++at;
  }
  return {};
}

}  // namespace sightline::journald
