#include "sources/cloudtrail/cloudtrail_fields.h"

#include <algorithm>
#include <array>

#include "sources/json/ip_address.h"
#include "sources/json/json_reader.h"

namespace sightline::cloudtrail {
namespace {

// First values of the fields that others are derived from; empty where absent.
struct Known {
  std::string_view event_name;
  std::string_view event_source;
  std::string_view error_code;
  std::string_view error_message;
  std::string_view source_ip_address;
  std::string_view recipient_account_id;
  std::string_view identity_account_id;
  std::string_view identity_type;
  std::string_view identity_arn;
  std::string_view identity_user_name;
  bool has_read_only = false;
  bool read_only = false;
};

void set_once(std::string_view& known, const FieldValue& value) {
  if (known.data() == nullptr) known = value.text;
}

Known find_known(const Event& event) {
  Known known;
  for (const FieldValue& value : event.fields()) {
    switch (value.field) {
      case FieldId::event_name:
        set_once(known.event_name, value);
        break;
      case FieldId::event_source:
        set_once(known.event_source, value);
        break;
      case FieldId::error_code:
        set_once(known.error_code, value);
        break;
      case FieldId::error_message:
        set_once(known.error_message, value);
        break;
      case FieldId::source_ip_address:
        set_once(known.source_ip_address, value);
        break;
      case FieldId::recipient_account_id:
        set_once(known.recipient_account_id, value);
        break;
      case FieldId::user_identity_account_id:
        set_once(known.identity_account_id, value);
        break;
      case FieldId::user_identity_type:
        set_once(known.identity_type, value);
        break;
      case FieldId::user_identity_arn:
        set_once(known.identity_arn, value);
        break;
      case FieldId::user_identity_user_name:
        set_once(known.identity_user_name, value);
        break;
      case FieldId::read_only:
        known.has_read_only = true;
        known.read_only = value.integer != 0;
        break;
      default:
        break;
    }
  }
  return known;
}

// i- and 8 to 17 hexadecimal digits.
bool is_instance_id(std::string_view text) {
  if (!text.starts_with("i-")) return false;
  text.remove_prefix(2);
  return text.size() >= 8 && text.size() <= 17 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool reads_by_name(std::string_view event_name) {
  constexpr std::array<std::string_view, 4> kPrefixes = {"Describe", "Get", "List", "Head"};
  return std::ranges::any_of(kPrefixes, [&](std::string_view prefix) { return event_name.starts_with(prefix); });
}

bool sign_in_failed(const Event& event, const Known& known) {
  for (const Attribute& attribute : event.attributes()) {
    if (attribute.path == "responseElements.ConsoleLogin") return attribute.text != "Success";
  }
  return !known.error_code.empty() || !known.error_message.empty();
}

// arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION
void add_role(Event& event, std::string_view arn) {
  std::string_view resource = arn;
  for (int colon = 0; colon < 5; ++colon) {
    const std::size_t found = resource.find(':');
    if (found == std::string_view::npos) return;
    resource.remove_prefix(found + 1);
  }
  constexpr std::string_view kAssumedRole = "assumed-role/";
  if (!resource.starts_with(kAssumedRole)) return;
  event.add_text(FieldId::arn_role, resource);
  const std::size_t slash = resource.find('/', kAssumedRole.size());
  if (slash == std::string_view::npos || slash + 1 == resource.size()) return;
  const std::string_view session = resource.substr(slash + 1);
  event.add_text(FieldId::role_session_name, session);
  if (is_instance_id(session)) event.add_text(FieldId::instance_id, session);
}

// Whom a console sign-in was for.
std::string_view signed_in_user(const Event& event, const Known& known) {
  if (!known.identity_user_name.empty()) return known.identity_user_name;
  if (known.identity_type == "Root") return "root";
  return event.text(FieldId::role_session_name).value_or(std::string_view());
}

void add_verb(Event& event, const Known& known) {
  if (known.event_name == "ConsoleLogin") {
    const bool failed = sign_in_failed(event, known);
    event.add_text(FieldId::type, failed ? "login_failed" : "login");
    event.add_boolean(FieldId::success, !failed);
    if (const std::string_view user = signed_in_user(event, known); !user.empty()) {
      event.add_text(FieldId::target_user, user);
    }
    return;
  }
  const bool reads = known.has_read_only ? known.read_only : reads_by_name(known.event_name);
  const bool assumes_role = known.event_name.starts_with("AssumeRole");
  event.add_text(FieldId::type, assumes_role ? "assume_role" : reads ? "read" : "write");
  event.add_boolean(FieldId::success, known.error_code.empty());
}

}  // namespace

bool is_cloudtrail_event(const Event& event) {
  return event.find(FieldId::event_name) != nullptr || event.find(FieldId::event_source) != nullptr;
}

void add_derived_fields(Event& event) {
  if (event.event_time_ms == 0) sources::add_malformed(event, "eventTime");
  const Known known = find_known(event);
  event.add_text(FieldId::event_type, "cloudtrail");
  event.add_text(FieldId::cloud_provider, "aws");
  const std::string_view account =
      known.recipient_account_id.empty() ? known.identity_account_id : known.recipient_account_id;
  if (!account.empty()) event.add_text(FieldId::account_id, account);
  if (sources::is_ip_address(known.source_ip_address)) event.add_text(FieldId::src_ip, known.source_ip_address);
  add_role(event, known.identity_arn);
  add_verb(event, known);
}

}  // namespace sightline::cloudtrail
