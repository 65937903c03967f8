#include "sources/windows/windows_fields.h"

#include <array>
#include <charconv>

#include "sources/json/ip_address.h"
#include "sources/json/json_reader.h"
#include "sources/windows/windows_data.h"
#include "sources/windows/windows_paths.h"

namespace sightline::windows {
namespace {

enum class Log : std::uint8_t { sysmon, security, other };

struct Kind {
  Log log;
  std::int64_t id;
  std::string_view event_type;
  std::string_view type;
};

constexpr std::array kKinds = {
    Kind{Log::sysmon, 1, "audit", "start"},
    Kind{Log::sysmon, 5, "audit", "exit"},
    Kind{Log::sysmon, 3, "network", "connect"},
    Kind{Log::sysmon, 2, "file", "attrib"},
    Kind{Log::sysmon, 11, "file", "create"},
    Kind{Log::sysmon, 23, "file", "delete"},
    Kind{Log::sysmon, 26, "file", "delete"},
    Kind{Log::security, 4688, "audit", "start"},
    Kind{Log::security, 4689, "audit", "exit"},
    Kind{Log::security, 4624, "login", "login"},
    Kind{Log::security, 4625, "login", "login_failed"},
    Kind{Log::security, 4634, "login", "logout"},
    Kind{Log::security, 4647, "login", "logout"},
    Kind{Log::security, 4648, "login", "auth"},
};

constexpr Kind kOther{Log::other, 0, "winsec", {}};

constexpr std::int64_t kProcessCreated = 4688;
constexpr std::int64_t kExplicitCredentials = 4648;

std::string_view text(const Event& event, FieldId field) { return event.text(field).value_or(std::string_view()); }

// The first value of that name. Windows writes "-" for none, and so it is none.
std::string_view data(const Event& event, std::string_view name) {
  for (const Attribute& attribute : event.attributes()) {
    if (attribute.path == name) return attribute.text == "-" ? std::string_view() : attribute.text;
  }
  return {};
}

void add_text(Event& event, FieldId field, std::string_view value) {
  if (!value.empty() && event.find(field) == nullptr) event.add_text(field, value);
}

// Ids are decimal, or hexadecimal with 0x in front.
void add_id(Event& event, FieldId field, std::string_view value) {
  if (value.empty() || event.find(field) != nullptr) return;
  const bool hexadecimal = value.starts_with("0x") || value.starts_with("0X");
  if (hexadecimal) value.remove_prefix(2);
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), id, hexadecimal ? 16 : 10);
  if (error == std::errc() && end == value.data() + value.size() && id >= 0) event.add_integer(field, id);
}

Log log_of(const Event& event) {
  const std::string_view provider = text(event, FieldId::provider);
  const std::string_view channel = text(event, FieldId::channel);
  if (provider == "Microsoft-Windows-Sysmon") return Log::sysmon;
  if (provider == "Microsoft-Windows-Security-Auditing") return Log::security;
  if (!provider.empty()) return Log::other;
  if (channel == "Microsoft-Windows-Sysmon/Operational") return Log::sysmon;
  return channel == "Security" ? Log::security : Log::other;
}

Kind kind_of(const Event& event, Log log) {
  const std::int64_t id = event.integer(FieldId::win_event_id).value_or(0);
  for (const Kind& kind : kKinds) {
    if (kind.log == log && kind.id == id) return kind;
  }
  return kOther;
}

std::string_view last_part(std::string_view path) {
  const std::size_t slash = path.find_last_of("\\/");
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

// DOMAIN\name
void add_account(Event& event, std::string_view account) {
  const std::size_t slash = account.find('\\');
  if (slash != std::string_view::npos) {
    add_text(event, FieldId::domain, account.substr(0, slash));
    account.remove_prefix(slash + 1);
  }
  add_text(event, FieldId::user, account);
}

struct AccountNames {
  std::string_view user;
  std::string_view domain;
  std::string_view sid;
  std::string_view logon_id;
};

constexpr AccountNames kSubject = {"SubjectUserName", "SubjectDomainName", "SubjectUserSid", "SubjectLogonId"};
constexpr AccountNames kTarget = {"TargetUserName", "TargetDomainName", "TargetUserSid", "TargetLogonId"};

void add_account(Event& event, const AccountNames& names) {
  add_text(event, FieldId::user, data(event, names.user));
  add_text(event, FieldId::domain, data(event, names.domain));
  add_text(event, FieldId::sid, data(event, names.sid));
  add_id(event, FieldId::session, data(event, names.logon_id));
}

// Whose event it is: of a logon, who logged on; else who did it.
void add_user(Event& event, const Kind& kind) {
  const bool of_target = kind.event_type == "login" && kind.id != kExplicitCredentials;
  if (of_target) {
    add_account(event, kTarget);
  } else if (!data(event, "SubjectUserName").empty()) {
    add_account(event, kSubject);
  } else {
    add_account(event, data(event, "User"));
    add_id(event, FieldId::session, data(event, "LogonId"));
  }
  if (kind.log == Log::security) add_text(event, FieldId::target_user, data(event, "TargetUserName"));
}

void add_process(Event& event, const Kind& kind) {
  if (kind.log == Log::security && kind.id == kProcessCreated) {
    add_text(event, FieldId::exe, data(event, "NewProcessName"));
    add_text(event, FieldId::parent_exe, data(event, "ParentProcessName"));
    add_id(event, FieldId::pid, data(event, "NewProcessId"));
    add_id(event, FieldId::ppid, data(event, kProcessId));
  } else {
    add_text(event, FieldId::exe, data(event, "ProcessName"));
    add_id(event, FieldId::pid, data(event, kProcessId));
    add_id(event, FieldId::ppid, data(event, "ParentProcessId"));
  }
  add_text(event, FieldId::command, last_part(text(event, FieldId::exe)));
}

void add_logon(Event& event, const Kind& kind) {
  if (kind.event_type != "login") return;
  if (const std::string_view address = data(event, "IpAddress"); sources::is_ip_address(address)) {
    add_text(event, FieldId::src_ip, address);
    add_id(event, FieldId::src_port, data(event, "IpPort"));
  }
  add_text(event, FieldId::method, data(event, "AuthenticationPackageName"));
}

// What the Security log says of itself: bits of the keywords, or their names.
void add_success(Event& event, const Kind& kind, Log log) {
  if (kind.type == "login_failed") return event.add_boolean(FieldId::success, false);
  if (kind.type == "login") return event.add_boolean(FieldId::success, true);
  if (log != Log::security) return;
  for (const std::string_view name : {"System.Keywords", "Keywords", "winlog.keywords", "EventType"}) {
    const std::string_view value = data(event, name);
    if (value == "0x8020000000000000" || value == "Audit Success" || value == "AUDIT_SUCCESS") {
      return event.add_boolean(FieldId::success, true);
    }
    if (value == "0x8010000000000000" || value == "Audit Failure" || value == "AUDIT_FAILURE") {
      return event.add_boolean(FieldId::success, false);
    }
  }
}

}  // namespace

bool is_windows_event(const Event& event) { return event.find(FieldId::win_event_id) != nullptr; }

void add_derived_fields(Event& event, Arena& arena) {
  pair_data(event, arena);
  if (event.event_time_ms == 0) sources::add_malformed(event, "TimeCreated");
  const Log log = log_of(event);
  const Kind kind = kind_of(event, log);
  event.add_text(FieldId::event_type, kind.event_type);
  if (kind.type == "connect") {
    const std::string_view initiated = data(event, "Initiated");
    const bool inbound = initiated == "false" || initiated == "False";
    event.add_text(FieldId::type, inbound ? "accept" : "connect");
    add_text(event, FieldId::protocol, data(event, "Protocol"));
  } else if (!kind.type.empty()) {
    event.add_text(FieldId::type, kind.type);
  }
  add_success(event, kind, log);
  add_process(event, kind);
  add_user(event, kind);
  add_logon(event, kind);
  if (log == Log::other) add_text(event, FieldId::sid, data(event, "System.Security.UserID"));
}

}  // namespace sightline::windows
