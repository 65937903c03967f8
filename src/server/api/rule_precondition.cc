#include "server/api/rule_precondition.h"

#include <fmt/format.h>

#include "server/api/parameters.h"

namespace sightline::api {

namespace {

std::optional<std::uint64_t> version_in(std::string_view tag) {
  if (tag.size() < 2 || !tag.starts_with('"') || !tag.ends_with('"')) return std::nullopt;
  return parse_unsigned(tag.substr(1, tag.size() - 2));
}

}  // namespace

Precondition read_precondition(const Services& services, const http::Request& request) {
  const auto match = request.header("if-match");
  const auto none_match = request.header("if-none-match");
  if (!match && !none_match) return {};
  const auto kept = services.rules.kept(request.parameter("id"));
  const std::uint64_t now = kept ? kept->version : 0;
  Precondition condition;
  if (none_match && !match && *none_match == "*") {
    condition.expected = 0;
  } else if (match && !none_match && *match == "*") {
    condition.expected = now == 0 ? UINT64_MAX : now;
  } else if (match && !none_match) {
    condition.expected = version_in(*match);
  }
  if (!condition.expected) {
    condition.failed = http::error_response(
        400, "a precondition is If-Match: \"VERSION\", If-Match: * or If-None-Match: *, one of them", "invalid_input");
  } else if (*condition.expected != now) {
    condition.failed =
        http::error_response(412, now == 0 ? fmt::format("no rule {} is kept here", request.parameter("id"))
                                           : fmt::format("rule {} has version {}", request.parameter("id"), now));
  }
  return condition;
}

}  // namespace sightline::api
