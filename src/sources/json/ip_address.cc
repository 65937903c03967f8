#include "sources/json/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace sightline::sources {

bool is_ip_address(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> name{};
  if (text.size() >= name.size() || text.find_first_not_of("0123456789abcdefABCDEF.:") != std::string_view::npos) {
    return false;
  }
  std::ranges::copy(text, name.begin());
  std::array<unsigned char, 16> address;
  return inet_pton(AF_INET, name.data(), address.data()) == 1 || inet_pton(AF_INET6, name.data(), address.data()) == 1;
}

}  // namespace sightline::sources
