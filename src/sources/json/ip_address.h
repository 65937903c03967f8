// Addresses in text.
#pragma once

#include <string_view>

namespace sightline::sources {

// True for an IPv4 or IPv6 address and nothing else: no port, no brackets, no zone, no name.
bool is_ip_address(std::string_view text);

}  // namespace sightline::sources
