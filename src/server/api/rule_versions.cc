// GET /v1/rules/{id}/versions: what a rule was, newest first.
#include <fmt/format.h>

#include "server/api/errors.h"
#include "server/api/handlers.h"
#include "server/api/parameters.h"
#include "server/api/rule_version_json.h"

namespace sightline::api {

namespace {

constexpr std::uint32_t kDefaultLimit = 10;
constexpr std::uint32_t kMaxLimit = 20;  // of texts that have up to a MiB each

}  // namespace

http::Response list_rule_versions(Services& services, http::Request& request) {
  if (auto known = check_parameters(request, {"before", "limit"}); !known) return error_answer(known.error());
  const auto limit = number_parameter(request, "limit", kDefaultLimit, 1, kMaxLimit);
  if (!limit) return error_answer(limit.error());
  const auto before = before_parameter(request, "the number of a version");
  if (!before) return error_answer(before.error());
  const auto versions = services.control.rules().versions(request.parameter("id"), *before, *limit);
  if (!versions) return error_answer(versions.error());
  if (versions->empty() && !*before && services.pipeline.rules()->find(request.parameter("id")) == nullptr) {
    return http::error_response(404, fmt::format("no rule has or had the id {}", request.parameter("id")));
  }
  JsonWriter json;
  json.begin_object().key("versions").begin_array();
  for (const control::RuleVersion& version : *versions) {
    json.begin_object();
    write_version(json, version);
    json.member("text", version.text).end_object();
  }
  json.end_array().key("before");
  versions->size() == *limit ? json.value(versions->back().version) : json.null();
  json.end_object();
  return http::json_response(200, json.take());
}

}  // namespace sightline::api
