#include "sources/audit/login.h"

#include <algorithm>

#include "sources/audit/value.h"

namespace sightline::audit {

namespace {

bool is_terminal(std::string_view name) { return name.starts_with("pts/") || name.starts_with("tty"); }

// pts0 as the kernel writes it, from /dev/pts/0 or pts/0.
std::string_view kernel_terminal_name(std::string_view name, Arena& arena) {
  if (!name.contains('/')) return name;
  char* text = arena.allocate(name.size());
  const char* end = std::ranges::remove_copy(name, text, '/').out;
  return {text, static_cast<std::size_t>(end - text)};
}

std::string_view terminal_path(std::string_view terminal) {
  constexpr std::string_view kDevices = "/dev/";
  if (terminal.starts_with(kDevices)) terminal.remove_prefix(kDevices.size());
  return terminal;
}

void finish_terminal(EventState& state) {
  const std::string_view terminal = terminal_path(state.terminal);
  if (is_terminal(terminal) && !state.draft.has(FieldId::tty)) {
    state.draft.add_text(FieldId::tty, kernel_terminal_name(terminal, state.draft.arena()));
  }
}

void finish_service(const Record& record, EventState& state) {
  EventDraft& draft = state.draft;
  if (draft.has(FieldId::service)) return;
  const std::string_view terminal = terminal_path(state.terminal);
  if (const auto exe = draft.text(FieldId::exe)) {
    draft.add_text(FieldId::service, executable_name(*exe));
  } else if (record.type == RecordType::user_cmd) {
    draft.add_text(FieldId::service, "sudo");  // old versions do not name themselves
  } else if (!terminal.empty() && !is_terminal(terminal)) {
    draft.add_text(FieldId::service, terminal);
  }
}

// PAM modules that ask for a password.
bool asks_password(std::string_view grantors) {
  constexpr std::string_view kModules[] = {"pam_unix",    "pam_sss",    "pam_ldap",   "pam_krb5",
                                           "pam_winbind", "pam_userdb", "pam_pwdfile"};
  return std::ranges::any_of(kModules, [&](std::string_view module) { return grantors.contains(module); });
}

std::string_view method_of(std::string_view operation, const EventState& state) {
  if (operation.starts_with("pubkey")) return "publickey";
  if (operation.starts_with("hostbased")) return "hostbased";
  if (operation.starts_with("gssapi")) return "gssapi";
  if (operation == "PAM:authentication") return asks_password(state.grantors) ? "password" : "pam";
  return {};
}

void finish_method(const Record& record, EventState& state) {
  EventDraft& draft = state.draft;
  std::string_view method;
  if (record.type == RecordType::user_auth) {
    method = method_of(draft.text(FieldId::operation).value_or(std::string_view()), state);
  } else if (record.type == RecordType::crypto_key_user && state.key_kind == "auth-key") {
    method = "publickey";
  }
  if (!method.empty()) draft.set_text(FieldId::method, method);
}

void finish_account(EventState& state) {
  if (state.account_name.empty()) return;
  if (!state.draft.set_text(FieldId::target_user, state.account_name)) {
    state.draft.add_attribute("ID", Attribute::Kind::text, state.account_name);
  }
}

}  // namespace

void finish_message(const Record& record, EventState& state) {
  finish_terminal(state);
  finish_account(state);
  if (!state.remote_host.empty() && !state.draft.has(FieldId::src_ip)) {
    state.draft.add_text(FieldId::src_ip, state.remote_host);
  }
  if (!is_single_record(record.type) && record.type != RecordType::login) return;
  finish_service(record, state);
  finish_method(record, state);
}

void rename_old_login_fields(std::span<Field> fields) {
  for (const auto& [key, old_key] : {std::pair<Key, std::string_view>{Key::auid, "old-auid"}, {Key::ses, "old-ses"}}) {
    const auto first = std::ranges::find(fields, key, &Field::id);
    if (first == fields.end() || std::ranges::find(first + 1, fields.end(), key, &Field::id) == fields.end()) continue;
    *first = Field(old_key, first->value, first->quoted, first->enriched);
  }
}

}  // namespace sightline::audit
