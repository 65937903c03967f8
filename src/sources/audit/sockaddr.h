// The address in a SOCKADDR record: the bytes of a C struct sockaddr in hexadecimal.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/arena.h"

namespace sightline::audit {

struct SocketAddress {
  std::uint32_t family = 0;
  std::string_view family_name;       // inet, inet6, unix, …; empty for a family without a name
  std::string_view ip;                // of inet and inet6; an IPv4-mapped address stays in its IPv6 form
  std::optional<std::uint16_t> port;  // of inet and inet6
  std::string_view path;              // of unix; an abstract one starts with '@' in place of its NUL
  bool complete = false;              // all that the bytes say is in the members above
};

// nullopt: not hexadecimal, or too short for its family. Texts live in `arena` or have static storage.
// `little_endian` is the byte order of the host that wrote the record.
std::optional<SocketAddress> decode_sockaddr(std::string_view digits, bool little_endian, Arena& arena);

}  // namespace sightline::audit
