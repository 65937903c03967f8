#include "sources/cloudtrail/cloudtrail_decoder.h"

#include "sources/cloudtrail/cloudtrail_fields.h"
#include "sources/json/json_event_decoder.h"

namespace sightline::cloudtrail {
namespace {

using sources::PathRule;
using sources::PathRules;

std::string lower_case(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

// Tables of CloudTrail in SQL engines have column names in lower case, and so has what is exported from them.
void add_lower_case_names(PathRules& rules) {
  for (const FieldInfo& field : all_fields()) {
    if (field.group == FieldGroup::cloudtrail) rules.emplace(lower_case(field.name), rules.at(std::string(field.name)));
  }
  rules.emplace("eventtime", rules.at("eventTime"));
  rules.emplace("useragent", rules.at("userAgent"));
}

// What we derive may not come from the JSON: an event that calls itself a login is none.
PathRules cloudtrail_rules() {
  PathRules rules = sources::schema_rules();
  rules["eventTime"] = PathRule{.kind = PathRule::Kind::time, .renamed = {}};
  for (const char* path : {"event_type", "type", "success", "cloud_provider", "account_id", "src_ip", "arnRole",
                           "roleSessionName", "instance_id", "target_user", "malformed", "partial"}) {
    sources::reserve_path(rules, path);
  }
  add_lower_case_names(rules);
  return rules;
}

}  // namespace

std::unique_ptr<sources::Decoder> make_cloudtrail_decoder(const sources::DecodeContext& context) {
  return sources::make_json_event_decoder(
      {.list_key = "Records",
       .rules = cloudtrail_rules(),
       .namer = nullptr,
       .embedded_path = {},
       .expected = "a CloudTrail event with eventName or eventSource",
       .is_event = is_cloudtrail_event,
       .add_derived_fields = [](Event& event, Arena&) { add_derived_fields(event); }},
      context);
}

}  // namespace sightline::cloudtrail
