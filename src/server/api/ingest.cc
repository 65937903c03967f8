// POST /v1/events and POST /v1/ingest/{format}: telemetry in, an answer once it is durable.
#include <fmt/format.h>

#include "server/api/authentication.h"
#include "server/api/batch_key.h"
#include "server/api/errors.h"
#include "server/api/handlers.h"
#include "server/api/json_writer.h"
#include "server/api/parameters.h"

namespace sightline::api {

namespace {

constexpr int kRetryWhenFull_s = 30;

// What the sender says about itself where the bytes do not. Only who may speak for an agent may say it. A token bound
// to an agent is that agent, whatever the bytes say.
Result<sources::DecodeContext> context_of(const http::Request& request, const control::Token& token,
                                          std::int64_t now_ms) {
  if (auto known = check_parameters(request, {"agent_id", "hostname", "instance_id", "account_id", "reference_time"});
      !known) {
    return std::unexpected(known.error());
  }
  const auto reference_time_ms = time_parameter(request, "reference_time", now_ms);
  if (!reference_time_ms) return std::unexpected(reference_time_ms.error());
  sources::DecodeContext context;
  context.reference_time_ms = reference_time_ms->value_or(now_ms);
  context.agent_id = request.query_value("agent_id").value_or(token.spec.agent_id);
  context.hostname = request.query_value("hostname").value_or("");
  context.instance_id = request.query_value("instance_id").value_or("");
  context.account_id = request.query_value("account_id").value_or("");
  context.bound = !token.spec.agent_id.empty();
  const bool admin = token.spec.scopes.allow(control::Scope::admin);
  const bool speaks_for_agent = !token.spec.agent_id.empty() && context.agent_id == token.spec.agent_id;
  if (!request.query.empty() && !admin && !speaks_for_agent) {
    return fail(
        ErrorCode::permission_denied,
        token.spec.agent_id.empty()
            ? std::string("agent_id, hostname, instance_id, account_id and reference_time may be given by a token "
                          "that is bound to that agent, and by an administrator")
            : fmt::format("this token is bound to the agent '{}'", token.spec.agent_id));
  }
  return context;
}

Result<BatchKey> key_of(const http::Request& request, const control::Token& token) {
  const auto text = request.header("idempotency-key");
  if (!text) return server::make_server_key(token.principal());
  auto key = parse_batch_key(*text, token.principal());
  if (key && !token.spec.source.empty() && key->source != token.spec.source) {
    return fail(ErrorCode::permission_denied,
                fmt::format("this token may only send as the source '{}'", token.spec.source));
  }
  return key;
}

http::Response answer_json(const server::IngestAnswer& answer) {
  JsonWriter json;
  json.begin_object().member("accepted", answer.accepted).member("rejected_count", answer.rejected_count);
  json.key("rejected").begin_array();
  for (const control::RejectedLine& rejected : answer.rejected) {
    json.begin_object().member("line", rejected.line).member("error", rejected.error).end_object();
  }
  json.end_array().member("batch", answer.batch).member("replayed", answer.replayed).end_object();
  return http::json_response(200, json.take());
}

http::Response ingest(Services& services, http::Request& request, sources::Format format) {
  const control::Token& token = token_of(request);
  server::IngestRequest ingest;
  ingest.format = format;
  auto context = context_of(request, token, services.clock.now_ms());
  if (!context) return error_answer(context.error());
  auto key = key_of(request, token);
  if (!key) return error_answer(key.error());
  const auto encoding = sources::parse_encoding(request.header("content-encoding").value_or(""));
  if (!encoding) return http::error_response(415, "Content-Encoding may be gzip or zstd");
  if (disk_is_full(services)) {
    return http::retry_response(507, "the disk of the store is full; this request stored nothing", kRetryWhenFull_s);
  }

  ingest.key = std::move(*key);
  ingest.context = std::move(*context);
  ingest.encoding = *encoding;
  ingest.body = std::move(request.body);
  const std::uint64_t bytes = ingest.body.size();
  const auto answer = services.pipeline.ingest(ingest);
  const std::uint64_t new_events = answer && !answer->replayed ? answer->accepted : 0;
  services.quotas.add(request.principal, token.spec.quota, bytes, new_events, services.clock.now_ms());
  if (answer) return answer_json(*answer);
  const bool full = answer.error().code == ErrorCode::unavailable && disk_is_full(services);
  if (full) {
    return http::retry_response(507, "the disk of the store is full: " + answer.error().message, kRetryWhenFull_s);
  }
  return error_answer(answer.error());
}

}  // namespace

http::Response post_events(Services& services, http::Request& request) {
  return ingest(services, request, sources::Format::ndjson);
}

http::Response post_ingest(Services& services, http::Request& request) {
  const auto format = sources::parse_format(request.parameter("format"));
  if (format && *format != sources::Format::ndjson) return ingest(services, request, *format);
  std::string names;
  for (const sources::Format known : sources::all_formats()) {
    if (known != sources::Format::ndjson) names += fmt::format("{}{}", names.empty() ? "" : ", ", to_string(known));
  }
  return http::error_response(404,
                              fmt::format("there is no ingest format '{}'; there are: {}; NDJSON goes to /v1/events",
                                          request.parameter("format").substr(0, 40), names));
}

}  // namespace sightline::api
