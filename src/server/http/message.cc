#include "server/http/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/json_text.h"

namespace sightline::http {

namespace {

struct StatusText {
  int status;
  std::string_view reason;
  std::string_view code;
};

constexpr auto kStatuses = std::to_array<StatusText>({
    {100, "Continue", "continue"},
    {200, "OK", "ok"},
    {201, "Created", "created"},
    {202, "Accepted", "accepted"},
    {204, "No Content", "no_content"},
    {400, "Bad Request", "bad_request"},
    {401, "Unauthorized", "unauthenticated"},
    {403, "Forbidden", "permission_denied"},
    {404, "Not Found", "not_found"},
    {405, "Method Not Allowed", "method_not_allowed"},
    {408, "Request Timeout", "request_timeout"},
    {409, "Conflict", "conflict"},
    {411, "Length Required", "length_required"},
    {412, "Precondition Failed", "precondition_failed"},
    {413, "Content Too Large", "too_large"},
    {414, "URI Too Long", "uri_too_long"},
    {415, "Unsupported Media Type", "unsupported_media_type"},
    {417, "Expectation Failed", "expectation_failed"},
    {422, "Unprocessable Content", "unprocessable"},
    {429, "Too Many Requests", "busy"},
    {431, "Request Header Fields Too Large", "headers_too_large"},
    {500, "Internal Server Error", "internal"},
    {501, "Not Implemented", "not_implemented"},
    {503, "Service Unavailable", "unavailable"},
    {504, "Gateway Timeout", "timeout"},
    {505, "HTTP Version Not Supported", "version_not_supported"},
    {507, "Insufficient Storage", "insufficient_storage"},
});

const StatusText* find_status(int status) {
  const auto* const found = std::ranges::find(kStatuses, status, &StatusText::status);
  return found == kStatuses.end() ? nullptr : found;
}

std::optional<std::string_view> find_value(const NameValues& values, std::string_view name) {
  const auto found = std::ranges::find(values, name, &NameValues::value_type::first);
  if (found == values.end()) return std::nullopt;
  return found->second;
}

}  // namespace

std::optional<std::string_view> Request::header(std::string_view lower_case_name) const {
  return find_value(headers, lower_case_name);
}

std::optional<std::string_view> Request::query_value(std::string_view name) const { return find_value(query, name); }

std::string_view Request::parameter(std::string_view name) const { return find_value(parameters, name).value_or(""); }

Response json_response(int status, std::string json) {
  Response response;
  response.status = status;
  response.content_type = "application/json";
  response.body = std::move(json);
  return response;
}

Response text_response(int status, std::string text) {
  Response response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::move(text);
  return response;
}

Response error_response(int status, std::string_view message, std::string_view code) {
  std::string json = R"({"error":{"code":)";
  append_json_string(json, code.empty() ? status_code_name(status) : code);
  json += R"(,"message":)";
  append_json_string(json, message);
  json += "}}\n";
  return json_response(status, std::move(json));
}

Response retry_response(int status, std::string_view message, int retry_after_s) {
  Response response = error_response(status, message);
  response.headers.emplace_back("Retry-After", fmt::format("{}", retry_after_s));
  return response;
}

std::string_view status_reason(int status) {
  const StatusText* found = find_status(status);
  return found ? found->reason : "Unknown";
}

std::string_view status_code_name(int status) {
  const StatusText* found = find_status(status);
  return found ? found->code : "error";
}

}  // namespace sightline::http
