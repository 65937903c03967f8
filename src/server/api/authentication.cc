#include "server/api/authentication.h"

#include <fmt/format.h>

namespace sightline::api {

namespace {

constexpr std::string_view kScheme = "bearer ";

// The text after "Bearer "; empty where there is none.
std::string_view bearer_secret(const http::Request& request) {
  const std::string_view value = request.header("authorization").value_or("");
  if (value.size() <= kScheme.size()) return {};
  for (std::size_t i = 0; i < kScheme.size(); ++i) {
    const char c = value[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) != kScheme[i]) return {};
  }
  return value.substr(kScheme.size());
}

http::Response refuse(Services& services, const http::Request& request, int status, std::string_view reason,
                      std::string_view message) {
  services.metrics.count_refusal(reason);
  services.log.warning("request refused", {{"request_id", request.id},
                                           {"reason", reason},
                                           {"principal", request.principal},
                                           {"peer", request.peer},
                                           {"path", request.path.substr(0, 200)}});
  http::Response response = http::error_response(status, message);
  if (status == 401) response.headers.emplace_back("WWW-Authenticate", R"(Bearer realm="sightline")");
  return response;
}

http::Response quota_answer(const QuotaMeter::Refusal& over) {
  http::Response response = http::error_response(
      429,
      fmt::format("the quota {} of this token, {}, is used up: nothing was stored, try again in {} s", over.quota,
                  over.bound, over.retry_after_s),
      over.quota);
  response.headers.emplace_back("Retry-After", std::to_string(over.retry_after_s));
  return response;
}

}  // namespace

std::optional<http::Response> authenticate(Services& services, http::Request& request, Access access,
                                           control::Scope scope) {
  if (access == Access::open) return std::nullopt;
  const std::string_view secret = bearer_secret(request);
  if (secret.empty()) {
    return refuse(services, request, 401, "no_token", "this needs a token: send it as 'Authorization: Bearer TOKEN'");
  }
  auto token = services.control.tokens().authenticate(secret, services.clock.now_ms());
  if (!token && token.error().code != ErrorCode::unauthenticated) {
    return http::error_response(503, token.error().message);
  }
  if (!token) return refuse(services, request, 401, "unknown_token", token.error().message);
  request.principal = token->principal();
  if (!token->spec.scopes.allow(scope)) {
    return refuse(services, request, 403, "missing_scope",
                  fmt::format("the token lacks the scope '{}'", control::to_string(scope)));
  }
  const bool ingest = scope == control::Scope::ingest;
  if (const auto over = services.quotas.admit(request.principal, token->spec.quota, ingest, services.clock.now_ms())) {
    services.metrics.count_quota_refusal(over->quota);
    return quota_answer(*over);
  }
  request.admission = std::move(*token);
  return std::nullopt;
}

const control::Token& token_of(const http::Request& request) {
  return *std::any_cast<control::Token>(&request.admission);
}

}  // namespace sightline::api
