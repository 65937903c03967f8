#include "sources/audit/sockaddr.h"

#include <arpa/inet.h>
#include <fmt/compile.h>

#include <algorithm>
#include <cstring>

#include "sources/audit/names.h"
#include "sources/audit/value.h"

namespace sightline::audit {

namespace {

constexpr std::size_t kInetSize = 8;    // family, port, address; the padding may be cut
constexpr std::size_t kInet6Size = 24;  // family, port, flow, address; the scope may be cut

std::uint8_t byte_at(std::string_view bytes, std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); }

std::uint16_t network_order(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint16_t>(byte_at(bytes, at) << 8 | byte_at(bytes, at + 1));
}

std::string_view format_inet(std::string_view bytes, Arena& arena) {
  char text[INET_ADDRSTRLEN];
  const char* end = fmt::format_to(text, FMT_COMPILE("{}.{}.{}.{}"), byte_at(bytes, 0), byte_at(bytes, 1),
                                   byte_at(bytes, 2), byte_at(bytes, 3));
  return arena.copy({text, static_cast<std::size_t>(end - text)});
}

std::string_view format_inet6(std::string_view bytes, Arena& arena) {
  char text[INET6_ADDRSTRLEN];
  if (inet_ntop(AF_INET6, bytes.data(), text, sizeof text) == nullptr) return {};
  return arena.copy(text);
}

// The path up to its NUL. An abstract name is all bytes after its leading NUL; callers tend to hand in the whole
// struct, so zeroes at the end are padding.
std::string_view unix_path(std::string_view bytes, Arena& arena) {
  if (bytes.empty()) return {};
  if (bytes.front() != '\0') return bytes.substr(0, bytes.find('\0'));
  const std::size_t last = bytes.find_last_not_of('\0');
  if (last == std::string_view::npos) return {};
  char* name = arena.allocate(last + 1);
  std::memcpy(name, bytes.data(), last + 1);
  name[0] = '@';
  return {name, last + 1};
}

}  // namespace

std::optional<SocketAddress> decode_sockaddr(std::string_view digits, bool little_endian, Arena& arena) {
  const std::optional<std::string_view> decoded = decode_hex(digits, arena);
  if (!decoded || decoded->size() < sizeof(std::uint16_t)) return std::nullopt;
  const std::string_view bytes = *decoded;
  SocketAddress address;
  address.family =
      little_endian ? byte_at(bytes, 0) | static_cast<std::uint32_t>(byte_at(bytes, 1)) << 8 : network_order(bytes, 0);
  address.family_name = address_family_name(address.family);
  switch (address.family) {
    case AF_INET:
      if (bytes.size() < kInetSize) return std::nullopt;
      address.port = network_order(bytes, 2);
      address.ip = format_inet(bytes.substr(4, 4), arena);
      address.complete = true;
      break;
    case AF_INET6:
      if (bytes.size() < kInet6Size) return std::nullopt;
      address.port = network_order(bytes, 2);
      address.ip = format_inet6(bytes.substr(8, 16), arena);
      // The flow and the scope have no field.
      address.complete = bytes.substr(4, 4) == std::string_view("\0\0\0\0", 4) &&
                         bytes.substr(kInet6Size).find_first_not_of('\0') == std::string_view::npos;
      break;
    case AF_UNIX:
      address.path = unix_path(bytes.substr(2), arena);
      address.complete = true;
      break;
    default:
      break;
  }
  return address;
}

}  // namespace sightline::audit
