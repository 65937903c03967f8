// Where to listen: HOST:PORT.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace sightline::commands {

struct ListenAddress {
  std::string address;  // numeric
  std::uint16_t port = 0;
  std::string url_host;  // as a URL has it: "127.0.0.1", "[::1]"
};

// HOST is localhost, an IPv4 address or an IPv6 address in brackets; PORT is from 0 (the system chooses) to 65535.
// Errors: invalid_input, also for an address that other machines can reach: that needs TLS.
Result<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace sightline::commands
