#include "server/api/rule_version_json.h"

#include <fmt/format.h>

namespace sightline::api {

void write_version(JsonWriter& json, const control::RuleVersion& version) {
  json.member("version", version.version).member("changed", version.at_ms).member("changed_by", version.principal);
  json.member_or_null("fingerprint", version.fingerprint);
}

http::Response version_answer(int status, const control::RuleVersion& version, std::string_view outcome) {
  JsonWriter json;
  json.begin_object().member("id", version.rule_id).member("outcome", outcome);
  write_version(json, version);
  json.end_object();
  http::Response response = http::json_response(status, json.take());
  response.headers.emplace_back("ETag", etag_of(version));
  return response;
}

std::string_view outcome_of(const std::optional<control::RuleVersion>& before, const control::RuleVersion& now) {
  if (!before) return "created";
  return before->version == now.version ? "unchanged" : "changed";
}

std::string etag_of(const control::RuleVersion& version) { return fmt::format("\"{}\"", version.version); }

}  // namespace sightline::api
