// Facts as one line, for tests.
#pragma once

#include <string>
#include <string_view>

#include "sources/logins/login_message.h"

namespace sightline::logins::testing {

// "type=login result=accepted …": what is said, in the order of LoginFacts; the service is left out.
inline std::string describe(const LoginFacts& facts) {
  std::string out;
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) out += (out.empty() ? "" : " ") + std::string(name) + "=" + std::string(value);
  };
  const auto add_known = [&](std::string_view name, std::optional<std::string_view> value) {
    if (value) out += (out.empty() ? "" : " ") + std::string(name) + "=[" + std::string(*value) + "]";
  };
  const auto add_endpoint = [&](std::string_view name, const Endpoint& endpoint) {
    add(name,
        endpoint.port ? std::string(endpoint.ip) + "#" + std::to_string(*endpoint.port) : std::string(endpoint.ip));
  };
  add("type", facts.type);
  add("result", facts.result);
  if (facts.success) add("success", *facts.success ? "yes" : "no");
  add("method", facts.method);
  add("submethod", facts.submethod);
  add("key", facts.key.type);
  add("fingerprint", facts.key.fingerprint);
  add("id", facts.key.certificate_id);
  add("serial", facts.key.certificate_serial);
  add("ca", facts.key.authority_type);
  add("ca_fingerprint", facts.key.authority_fingerprint);
  add_known("user", facts.user);
  if (facts.target_user != facts.user) add_known("target", facts.target_user);
  add_endpoint("from", facts.source);
  add_endpoint("to", facts.destination);
  add("host", facts.remote_host);
  add("tty", facts.tty);
  add("cwd", facts.cwd);
  add("arguments", facts.arguments);
  add("session", facts.session);
  add("reason", facts.reason);
  if (facts.repeated > 0) add("repeated", std::to_string(facts.repeated));
  if (facts.preauth) add("preauth", "yes");
  for (const std::string_view name : facts.ambiguous) add("ambiguous", name);
  return out;
}

inline std::string describe(std::string_view program, std::string_view message) {
  return describe(read_login_message(program, message));
}

}  // namespace sightline::logins::testing
