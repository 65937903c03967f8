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
  std::string url_host;   // as a URL has it: "127.0.0.1", "[::1]"
  bool loopback = false;  // only this machine can reach it
};

// HOST is localhost, an IPv4 address or an IPv6 address in brackets; PORT is from 0 (the system chooses) to 65535.
// Errors: invalid_input.
Result<ListenAddress> parse_listen_address(std::string_view text);

// Plain HTTP shows tokens and telemetry to the network: an address that other machines can reach needs TLS, or
// --allow-plain-http. Errors: invalid_input.
Result<void> check_exposure(const ListenAddress& listen, bool tls, bool allow_plain_http);

}  // namespace sightline::commands
