// GET /v1/audit-log: who changed what, newest first.
#include "server/api/errors.h"
#include "server/api/handlers.h"
#include "server/api/json_writer.h"
#include "server/api/parameters.h"

namespace sightline::api {

namespace {

constexpr std::uint32_t kDefaultLimit = 100;
constexpr std::uint32_t kMaxLimit = 1000;

}  // namespace

http::Response list_audit_log(Services& services, http::Request& request) {
  if (auto known = check_parameters(request, {"before", "limit"}); !known) return error_answer(known.error());
  const auto limit = number_parameter(request, "limit", kDefaultLimit, 1, kMaxLimit);
  if (!limit) return error_answer(limit.error());
  const auto before = before_parameter(request, "the number of an entry");
  if (!before) return error_answer(before.error());
  const auto entries = services.control.audit_log().list(*before, *limit);
  if (!entries) return error_answer(entries.error());
  JsonWriter json;
  json.begin_object().key("entries").begin_array();
  for (const control::AuditEntry& entry : *entries) {
    json.begin_object().member("number", entry.number).member("at", entry.at_ms).member("principal", entry.principal);
    json.member("action", entry.action).member("subject", entry.subject).member("detail", entry.detail);
    json.member("link", to_hex(entry.link)).end_object();
  }
  json.end_array().key("before");
  entries->size() == *limit ? json.value(entries->back().number) : json.null();
  json.end_object();
  return http::json_response(200, json.take());
}

}  // namespace sightline::api
