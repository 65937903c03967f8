// PATCH /v1/agents/{id}: the tags by which rulesets name its host. In force from the next commit on.
#include <fmt/format.h>

#include <algorithm>

#include "detect/ruleset.h"
#include "server/api/errors.h"
#include "server/api/handlers.h"
#include "server/api/json_body.h"
#include "server/api/json_writer.h"

namespace sightline::api {

namespace {

constexpr std::size_t kMaxTags = 32;
constexpr std::size_t kMaxAgentIdBytes = 256;

Result<std::vector<std::string>> read_tags(std::string_view json) {
  const auto body = JsonBody::parse(json, {"tags"});
  if (!body) return std::unexpected(body.error());
  auto tags = body->texts("tags");
  if (!tags) return std::unexpected(tags.error());
  if (!*tags) return fail(ErrorCode::invalid_input, "\"tags\" is missing: a list, empty to take all tags away");
  if ((*tags)->size() > kMaxTags) {
    return fail(ErrorCode::invalid_input, fmt::format("\"tags\" has more than {} tags", kMaxTags));
  }
  if (!std::ranges::all_of(**tags, detect::is_host_tag)) {
    return fail(ErrorCode::invalid_input,
                fmt::format("a tag is 1 to {} of A-Z a-z 0-9 . _ : / = -", detect::kMaxHostTagBytes));
  }
  std::ranges::sort(**tags);
  const auto repeated = std::ranges::unique(**tags);
  (*tags)->erase(repeated.begin(), repeated.end());
  return std::move(**tags);
}

}  // namespace

http::Response tag_agent(Services& services, http::Request& request) {
  const auto tags = read_tags(request.body);
  if (!tags) return error_answer(tags.error());
  const std::string agent(request.parameter("id"));
  if (agent.size() > kMaxAgentIdBytes) {
    return error_answer(
        {ErrorCode::invalid_input, fmt::format("an agent's id has at most {} bytes", kMaxAgentIdBytes)});
  }
  const auto set = services.control.agents().set_tags(agent, *tags, request.principal, services.clock.now_ms());
  if (!set) return error_answer(set.error());
  JsonWriter json;
  json.begin_object().member("agent_id", agent).key("tags").begin_array();
  for (const std::string& tag : *tags) json.value(tag);
  json.end_array().end_object();
  return http::json_response(200, json.take());
}

}  // namespace sightline::api
