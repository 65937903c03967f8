#include "server/commands/listen_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <charconv>

namespace sightline::commands {

namespace {

bool is_loopback_v4(const std::string& text) {
  in_addr address{};
  return ::inet_pton(AF_INET, text.c_str(), &address) == 1 && (ntohl(address.s_addr) >> 24U) == 127;
}

bool is_loopback_v6(const std::string& text) {
  in6_addr address{};
  return ::inet_pton(AF_INET6, text.c_str(), &address) == 1 && IN6_IS_ADDR_LOOPBACK(&address);
}

bool is_address(const std::string& text) {
  in6_addr address{};
  return ::inet_pton(AF_INET, text.c_str(), &address) == 1 || ::inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

}  // namespace

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const auto wrong = [&] {
    return fail(ErrorCode::invalid_input,
                fmt::format("--listen '{}' is not HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080", text));
  };
  if (colon == std::string_view::npos) return wrong();
  const std::string_view port = text.substr(colon + 1);
  ListenAddress listen;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), listen.port);
  if (error != std::errc() || end != port.data() + port.size()) return wrong();
  listen.url_host = text.substr(0, colon);
  const bool bracketed = listen.url_host.size() > 2 && listen.url_host.front() == '[' && listen.url_host.back() == ']';
  listen.address = bracketed ? listen.url_host.substr(1, listen.url_host.size() - 2) : listen.url_host;
  if (listen.url_host == "localhost") listen.address = "127.0.0.1";
  if (!is_address(listen.address) || bracketed != (listen.address.find(':') != std::string::npos)) return wrong();
  listen.loopback = is_loopback_v4(listen.address) || is_loopback_v6(listen.address);
  return listen;
}

Result<void> check_exposure(const ListenAddress& listen, bool tls, bool allow_plain_http) {
  if (listen.loopback || tls || allow_plain_http) return {};
  return fail(ErrorCode::invalid_input,
              fmt::format("--listen {}:{}: other machines can reach this address, and that needs TLS: give --tls-cert "
                          "and --tls-key. Where the network in between is trusted with tokens and telemetry in the "
                          "clear, --allow-plain-http does without.",
                          listen.url_host, listen.port));
}

}  // namespace sightline::commands
