#include "server/api/errors.h"

#include <algorithm>

#include "server/api/json_writer.h"

namespace sightline::api {

namespace {

constexpr int kRetryWhenBusy_s = 1;
constexpr int kRetryWhenUnavailable_s = 5;

struct Answer {
  int status;
  std::string_view code;
  int retry_after_s = 0;
};

Answer answer_for(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_input:
      return {400, "invalid_input"};
    case ErrorCode::unauthenticated:
      return {401, "unauthenticated"};
    case ErrorCode::permission_denied:
      return {403, "permission_denied"};
    case ErrorCode::not_found:
      return {404, "not_found"};
    case ErrorCode::conflict:
      return {409, "conflict"};
    case ErrorCode::too_large:
      return {413, "too_large"};
    case ErrorCode::busy:
      return {429, "busy", kRetryWhenBusy_s};
    case ErrorCode::timeout:
      return {422, "timeout"};
    case ErrorCode::cancelled:
      return {503, "cancelled", kRetryWhenUnavailable_s};
    case ErrorCode::unavailable:
      return {503, "unavailable", kRetryWhenUnavailable_s};
    case ErrorCode::corrupt:
      return {500, "corrupt"};
    case ErrorCode::internal:
      break;
  }
  return {500, "internal"};
}

}  // namespace

http::Response error_answer(const Error& error) {
  const Answer answer = answer_for(error.code);
  http::Response response = http::error_response(answer.status, error.message, answer.code);
  if (answer.retry_after_s > 0) response.headers.emplace_back("Retry-After", std::to_string(answer.retry_after_s));
  return response;
}

http::Response diagnostic_answer(const query::Diagnostic& diagnostic, std::string_view query_text) {
  const std::string_view before = query_text.substr(0, std::min(diagnostic.span.begin, query_text.size()));
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  JsonWriter json;
  json.begin_object().key("error").begin_object();
  json.member("code", "query").member("message", diagnostic.message);
  json.key("position").begin_object();
  json.member("begin", diagnostic.span.begin).member("end", diagnostic.span.end);
  json.member("line", std::ranges::count(before, '\n') + 1).member("column", before.size() - line_start + 1);
  json.end_object();
  json.member_or_null("expected", diagnostic.expected).member_or_null("hint", diagnostic.hint);
  json.member("rendered", query::render(diagnostic, query_text));
  json.end_object().end_object();
  return http::json_response(400, json.take());
}

}  // namespace sightline::api
