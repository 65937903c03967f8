#include "query/cidr.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace sightline::query {
namespace {

constexpr std::size_t kMappedPrefixBits = 96;

// One octet without leading zeros, taken off the front.
std::optional<std::uint8_t> take_octet(std::string_view& text) {
  unsigned value = 0;
  std::size_t size = 0;
  while (size < text.size() && size < 3 && text[size] >= '0' && text[size] <= '9') {
    value = value * 10 + static_cast<unsigned>(text[size] - '0');
    ++size;
  }
  if (size == 0 || value > 255 || (size > 1 && text.front() == '0')) return std::nullopt;
  text.remove_prefix(size);
  return static_cast<std::uint8_t>(value);
}

std::optional<IpAddress> parse_ipv4(std::string_view text) {
  IpAddress address{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  for (std::size_t i = 12; i < 16; ++i) {
    if (i > 12) {
      if (!text.starts_with('.')) return std::nullopt;
      text.remove_prefix(1);
    }
    const std::optional<std::uint8_t> octet = take_octet(text);
    if (!octet) return std::nullopt;
    address.at(i) = *octet;
  }
  if (!text.empty()) return std::nullopt;
  return address;
}

// The system's parser wants a terminated string.
std::optional<IpAddress> parse_ipv6(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  if (text.size() >= buffer.size() || text.contains('\0')) return std::nullopt;
  std::ranges::copy(text, buffer.begin());
  IpAddress address{};
  if (inet_pton(AF_INET6, buffer.data(), address.data()) != 1) return std::nullopt;
  return address;
}

}  // namespace

std::optional<IpAddress> parse_ip(std::string_view text) {
  return text.contains(':') ? parse_ipv6(text) : parse_ipv4(text);
}

std::optional<CidrRange> parse_cidr(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view address_text = text.substr(0, slash);
  const std::optional<IpAddress> address = parse_ip(address_text);
  if (!address) return std::nullopt;
  std::size_t bits = 128;
  if (slash != std::string_view::npos) {
    const std::string_view bits_text = text.substr(slash + 1);
    const auto [stop, error] = std::from_chars(bits_text.data(), bits_text.data() + bits_text.size(), bits);
    const bool canonical = bits_text.size() == 1 || !bits_text.starts_with('0');
    if (error != std::errc() || stop != bits_text.data() + bits_text.size() || !canonical) return std::nullopt;
    if (!address_text.contains(':')) {
      if (bits > 32) return std::nullopt;
      bits += kMappedPrefixBits;
    }
    if (bits > 128) return std::nullopt;
  }
  CidrRange range{*address, *address};
  for (std::size_t i = 0; i < range.first.size(); ++i) {
    const std::size_t kept = std::clamp<std::size_t>(bits, i * 8, i * 8 + 8) - i * 8;
    const auto mask = static_cast<std::uint8_t>(0xFFU << (8 - kept));
    range.first.at(i) &= mask;
    range.last.at(i) |= static_cast<std::uint8_t>(~mask);
  }
  return range;
}

}  // namespace sightline::query
