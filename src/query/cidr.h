// Networks and addresses, IPv4 and IPv6 as one space: an IPv4 address is its IPv4-mapped IPv6 address.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sightline::query {

using IpAddress = std::array<std::uint8_t, 16>;  // network order; IPv4 as ::ffff:a.b.c.d

// Dotted decimal without leading zeros, or IPv6 in any textual form of RFC 4291, with nothing before or after.
std::optional<IpAddress> parse_ip(std::string_view text);

// All addresses from first to last, both included.
struct CidrRange {
  IpAddress first{};
  IpAddress last{};

  bool contains(const IpAddress& address) const { return first <= address && address <= last; }
};

// ADDRESS/BITS, or an ADDRESS alone for just that one. Bits of the address beyond the prefix are ignored.
std::optional<CidrRange> parse_cidr(std::string_view text);

}  // namespace sightline::query
