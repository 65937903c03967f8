#include "sources/logins/login_facts.h"

#include <algorithm>
#include <charconv>

#include "sources/logins/text.h"

namespace sightline::logins {
namespace {

using Kind = Attribute::Kind;

void add_text(Event& event, FieldId field, std::string_view value) {
  if (!value.empty()) event.add_text(field, value);
}

void add_attribute(Event& event, std::string_view path, std::string_view value) {
  if (!value.empty()) event.add_attribute(path, Kind::text, value);
}

// pts0 as the kernel writes it, from /dev/pts/0 or pts/0. Nothing for what is no terminal ("ssh", "unknown").
std::string_view kernel_terminal_name(std::string_view name, Arena& arena) {
  take_front(name, "/dev/");
  if (!name.starts_with("pts") && !name.starts_with("tty") && name != "console") return {};
  if (!name.contains('/')) return name;
  char* text = arena.allocate(name.size());
  const char* end = std::ranges::remove_copy(name, text, '/').out;
  return {text, static_cast<std::size_t>(end - text)};
}

void add_key(Event& event, const KeyFacts& key) {
  add_text(event, FieldId::key_type, key.type);
  add_text(event, FieldId::key_fingerprint, key.fingerprint);
  add_attribute(event, "certificate.id", key.certificate_id);
  if (!key.certificate_serial.empty()) {
    const bool canonical = key.certificate_serial == "0" || key.certificate_serial.front() != '0';
    event.add_attribute("certificate.serial", canonical ? Kind::number : Kind::text, key.certificate_serial);
  }
  add_attribute(event, "certificate.ca_type", key.authority_type);
  add_attribute(event, "certificate.ca_fingerprint", key.authority_fingerprint);
}

void add_endpoints(Event& event, const LoginFacts& facts) {
  add_text(event, FieldId::src_ip, facts.source.ip);
  if (facts.source.port) event.add_integer(FieldId::src_port, *facts.source.port);
  add_text(event, FieldId::dst_ip, facts.destination.ip);
  if (facts.destination.port) event.add_integer(FieldId::dst_port, *facts.destination.port);
  add_attribute(event, "remote_host", facts.remote_host);
}

void add_session(Event& event, std::string_view session) {
  if (const auto number = parse_number(session)) {
    event.add_integer(FieldId::session, *number);
  } else {
    add_attribute(event, "session", session);
  }
}

void add_repeated(Event& event, std::int64_t repeated, Arena& arena) {
  char digits[20];
  const char* end = std::to_chars(digits, digits + sizeof digits, repeated).ptr;
  event.add_attribute("repeated", Kind::number, arena.copy({digits, static_cast<std::size_t>(end - digits)}));
}

}  // namespace

void add_to(Event& event, const LoginFacts& facts, Arena& arena) {
  event.add_text(FieldId::event_type, facts.type.empty() ? "host" : "login");
  add_text(event, FieldId::type, facts.type);
  add_text(event, FieldId::result, facts.result);
  if (facts.success) event.add_boolean(FieldId::success, *facts.success);
  add_text(event, FieldId::service, facts.service);
  add_text(event, FieldId::method, facts.method);
  add_attribute(event, "submethod", facts.submethod);
  add_key(event, facts.key);
  if (facts.user) event.add_text(FieldId::user, *facts.user);
  if (facts.target_user) event.add_text(FieldId::target_user, *facts.target_user);
  add_endpoints(event, facts);
  add_text(event, FieldId::tty, kernel_terminal_name(facts.tty, arena));
  add_text(event, FieldId::cwd, facts.cwd);
  add_text(event, FieldId::arguments, facts.arguments);
  add_session(event, facts.session);
  add_attribute(event, "reason", facts.reason);
  add_attribute(event, "pam_module", facts.pam_module);
  if (facts.repeated > 0) add_repeated(event, facts.repeated, arena);
  if (facts.preauth) event.add_attribute("preauth", Kind::text, "true");
  for (const std::string_view name : facts.ambiguous) add_attribute(event, "ambiguous", name);
}

}  // namespace sightline::logins
