#include "server/http/host_policy.h"

#include <algorithm>
#include <optional>

namespace sightline::http {

namespace {

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

bool is_port(std::string_view text) {
  return text.size() <= 5 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// The name without its port; nullopt where the text is neither name nor name:port.
std::optional<std::string_view> name_of(std::string_view host) {
  const std::size_t search_from = host.starts_with('[') ? host.find(']') : 0;
  if (search_from == std::string_view::npos) return std::nullopt;
  const std::size_t colon = host.find(':', search_from);
  const std::string_view name = host.substr(0, colon);
  if (colon != std::string_view::npos && !is_port(host.substr(colon + 1))) return std::nullopt;
  if (name.empty()) return std::nullopt;
  return name;
}

}  // namespace

HostPolicy::HostPolicy(std::vector<std::string> further_names) : names_(std::move(further_names)) {
  for (std::string& name : names_) name = lower_case(name);
  names_.insert(names_.end(), {"localhost", "127.0.0.1", "[::1]"});
}

bool HostPolicy::allows_host(std::string_view host) const {
  const auto name = name_of(host);
  return name && std::ranges::find(names_, lower_case(*name)) != names_.end();
}

bool HostPolicy::allows_origin(std::string_view origin, std::string_view host) const {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (origin.starts_with(scheme) && lower_case(origin.substr(scheme.size())) == lower_case(host)) {
      return allows_host(host);
    }
  }
  return false;
}

}  // namespace sightline::http
