// Which names this server answers to. A page from elsewhere whose name resolves to our address (DNS rebinding) or that
// sends us requests (cross-site) carries a Host or an Origin that is not ours.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sightline::http {

class HostPolicy {
 public:
  // Names beside localhost, 127.0.0.1 and [::1], without a port, in any case; a name covers every port.
  HostPolicy() : HostPolicy(std::vector<std::string>()) {}
  explicit HostPolicy(std::vector<std::string> further_names);

  // The value of a Host header: name, name:port, [address]:port.
  bool allows_host(std::string_view host) const;

  // The value of an Origin header beside the request's own Host: a browser's page may speak to us only where it came
  // from us, so scheme://Host must be exactly the origin, and its name allowed.
  bool allows_origin(std::string_view origin, std::string_view host) const;

 private:
  std::vector<std::string> names_;  // lower case
};

}  // namespace sightline::http
