#include "sources/logins/text.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace sightline::logins {
namespace {

constexpr std::size_t kMaxDigits = 18;
constexpr std::int64_t kMaxPort = 65535;
constexpr std::string_view kUnknown = "UNKNOWN";
constexpr std::string_view kPort = " port ";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<std::int64_t> parse_port(std::string_view text) {
  const auto port = parse_number(text);
  return port && *port <= kMaxPort ? port : std::nullopt;
}

}  // namespace

bool take_front(std::string_view& text, std::string_view part) {
  if (!text.starts_with(part)) return false;
  text.remove_prefix(part.size());
  return true;
}

bool take_back(std::string_view& text, std::string_view part) {
  if (!text.ends_with(part)) return false;
  text.remove_suffix(part.size());
  return true;
}

std::optional<std::string_view> take_until(std::string_view& text, std::string_view separator) {
  const std::size_t place = text.find(separator);
  if (place == std::string_view::npos) return std::nullopt;
  const std::string_view before = text.substr(0, place);
  text.remove_prefix(place + separator.size());
  return before;
}

std::optional<std::string_view> take_behind_last(std::string_view& text, std::string_view separator) {
  const std::size_t place = text.rfind(separator);
  if (place == std::string_view::npos) return std::nullopt;
  const std::string_view behind = text.substr(place + separator.size());
  text = text.substr(0, place);
  return behind;
}

std::optional<std::int64_t> parse_number(std::string_view text) {
  if (text.empty() || text.size() > kMaxDigits || !std::ranges::all_of(text, is_digit)) return std::nullopt;
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

bool is_word(std::string_view text) { return !text.empty() && text.find_first_of(" \t") == std::string_view::npos; }

bool is_ip(std::string_view text) {
  if (const std::size_t zone = text.find('%'); zone != std::string_view::npos) {
    if (zone + 1 == text.size() || !text.substr(0, zone).contains(':')) return false;
    text = text.substr(0, zone);
  }
  std::array<char, INET6_ADDRSTRLEN + 1> copy{};
  if (text.empty() || text.size() >= copy.size() || text.contains('\0')) return false;
  std::memcpy(copy.data(), text.data(), text.size());
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return inet_pton(text.contains(':') ? AF_INET6 : AF_INET, copy.data(), address.data()) == 1;
}

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  Endpoint endpoint;
  if (const auto place = text.find(kPort); place != std::string_view::npos) {
    endpoint.port = parse_port(text.substr(place + kPort.size()));
    if (!endpoint.port) return std::nullopt;
    text = text.substr(0, place);
  }
  if (text == kUnknown) return Endpoint{};
  if (!is_ip(text)) return std::nullopt;
  endpoint.ip = text;
  return endpoint;
}

std::optional<Endpoint> take_endpoint(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_of(" ,"), text.size());
  std::string_view ip = text.substr(0, end);
  std::string_view rest = text.substr(end);
  if (!is_ip(ip) && ip.ends_with(':')) {  // old versions: "1.2.3.4: 11: Bye Bye"
    ip.remove_suffix(1);
    rest = text.substr(end - 1);
  }
  if (!is_ip(ip) && ip != kUnknown) return std::nullopt;
  Endpoint endpoint;
  if (ip != kUnknown) endpoint.ip = ip;
  if (take_front(rest, kPort)) {
    const std::size_t digits =
        std::min(static_cast<std::size_t>(std::ranges::find_if_not(rest, is_digit) - rest.begin()), rest.size());
    endpoint.port = parse_port(rest.substr(0, digits));
    if (!endpoint.port) return std::nullopt;
    rest.remove_prefix(digits);
  }
  if (endpoint.ip.empty()) endpoint.port.reset();
  text = rest;
  return endpoint;
}

}  // namespace sightline::logins
