#include "sources/journald/entry.h"

#include <algorithm>

#include "sources/decoder.h"
#include "sources/journald/trust.h"
#include "sources/json/json_reader.h"
#include "sources/logins/login_message.h"
#include "sources/logins/text.h"
#include "sources/syslog/message.h"

namespace sightline::journald {
namespace {

using Kind = Attribute::Kind;

constexpr std::int64_t kMaxTime_ms = 7'258'118'400'000;  // 2200

// What the schema has a name for.
struct Target {
  std::string_view name;
  FieldId field;
};
constexpr Target kTargets[] = {
    {"MESSAGE", FieldId::log},
    {"SYSLOG_IDENTIFIER", FieldId::program},
    {"_HOSTNAME", FieldId::hostname},
    {"_PID", FieldId::pid},
    {"_UID", FieldId::uid},
    {"_GID", FieldId::gid},
    {"_EXE", FieldId::exe},
    {"_COMM", FieldId::comm},
    {"_CMDLINE", FieldId::proctitle},
    {"_AUDIT_LOGINUID", FieldId::auid},
    {"_AUDIT_SESSION", FieldId::session},
};

std::string_view find(const Entry& entry, std::string_view name) {
  const auto found = std::ranges::find(entry, name, &JournalField::name);
  return found == entry.end() ? std::string_view() : found->value;
}

void add_attribute(Event& event, const JournalField& field) {
  if (event.attributes().size() < sources::kMaxAttributes) {
    event.add_attribute(field.name, Kind::text, field.value);
  } else {
    sources::add_malformed(event, "attributes");
  }
}

// False: it does not fit, or the event has a value already.
bool add_field(Event& event, FieldId field, std::string_view value) {
  if (event.find(field) != nullptr) return false;
  if (field_info(field).type == FieldType::text) {
    event.add_text(field, value);
    return true;
  }
  const auto number = logins::parse_number(value);
  if (number) event.add_integer(field, *number);
  return number.has_value();
}

// Numbers of the priority and of the facility, by name.
std::string_view name_of_number(const JournalField& field, FieldId& target) {
  const auto number = logins::parse_number(field.value);
  if (!number || *number > 255) return {};
  if (field.name == "PRIORITY") {
    target = FieldId::level;
    return syslog::severity_name(static_cast<std::uint8_t>(*number));
  }
  if (field.name == "SYSLOG_FACILITY") {
    target = FieldId::facility;
    return syslog::facility_name(static_cast<std::uint8_t>(*number));
  }
  return {};
}

void add(Event& event, const JournalField& field) {
  FieldId target = FieldId::log;
  if (const std::string_view name = name_of_number(field, target); !name.empty() && add_field(event, target, name))
    return;
  const auto* const known = std::ranges::find(kTargets, field.name, &Target::name);
  if (known == std::ranges::end(kTargets) || !add_field(event, known->field, field.value)) add_attribute(event, field);
}

void set_time(const Entry& entry, Event& event) {
  const auto time_us = logins::parse_number(find(entry, "__REALTIME_TIMESTAMP"));
  const std::int64_t time_ms = time_us.value_or(0) / 1000;
  if (time_ms > 0 && time_ms < kMaxTime_ms) {
    event.event_time_ms = time_ms;
  } else {
    sources::add_malformed(event, "event_time");
  }
}

void add_login(const Entry& entry, Event& event, Arena& arena) {
  const std::string_view program = find(entry, "SYSLOG_IDENTIFIER");
  const std::string_view executable = find(entry, "_EXE");
  const logins::LoginFacts facts = logins::read_login_message(program, find(entry, "MESSAGE"));
  if (facts.type.empty() || may_report_logins(executable, find(entry, "_UID")))
    return logins::add_to(event, facts, arena);
  logins::LoginFacts own;
  own.service = executable.substr(executable.rfind('/') + 1);
  logins::add_to(event, own, arena);
  event.add_attribute("imitated_program", Kind::text, program);
}

}  // namespace

void map_entry(const Entry& entry, Event& event, Arena& arena) {
  set_time(entry, event);
  add_login(entry, event, arena);
  for (const JournalField& field : entry) add(event, field);
  if (event.find(FieldId::pid) == nullptr) {
    if (const auto pid = logins::parse_number(find(entry, "SYSLOG_PID"))) event.add_integer(FieldId::pid, *pid);
  }
  if (const auto executable = event.text(FieldId::exe)) {
    event.add_text(FieldId::command, executable->substr(executable->rfind('/') + 1));
  }
}

}  // namespace sightline::journald
