// GET /v1/quarantine: lines that could not be decoded, newest first.
#include "base/hash.h"
#include "server/api/errors.h"
#include "server/api/handlers.h"
#include "server/api/json_writer.h"
#include "server/api/parameters.h"

namespace sightline::api {

namespace {

constexpr std::uint32_t kDefaultLimit = 100;
constexpr std::uint32_t kMaxLimit = 1000;

void write_row(JsonWriter& json, const control::QuarantineRow& row) {
  json.begin_object().member("id", row.id).member("received_time", row.received_time_ms).member("batch", row.batch);
  json.member("principal", row.principal).member("source", row.source).member("format", row.format);
  json.member("line", row.line).member("error", row.error);
  // As text for people, and exactly.
  json.member("text", row.bytes);
  json.member("hex", to_hex({reinterpret_cast<const std::uint8_t*>(row.bytes.data()), row.bytes.size()}));
  json.member("size_bytes", row.size_bytes).end_object();
}

void write_count(JsonWriter& json, const control::QuarantineCount& count) {
  json.begin_object().member("principal", count.principal).member("source", count.source);
  json.member("rejected", count.rejected).member("dropped", count.dropped).end_object();
}

}  // namespace

http::Response list_quarantine(Services& services, http::Request& request) {
  const auto known =
      check_parameters(request, {"principal", "source", "format", "reason", "from", "to", "before", "limit"});
  if (!known) return error_answer(known.error());
  const auto limit = number_parameter(request, "limit", kDefaultLimit, 1, kMaxLimit);
  if (!limit) return error_answer(limit.error());
  control::QuarantineFilter filter;
  filter.principal = request.query_value("principal").value_or("");
  filter.source = request.query_value("source").value_or("");
  filter.format = request.query_value("format").value_or("");
  filter.reason = request.query_value("reason").value_or("");
  const auto from = time_parameter(request, "from", services.clock.now_ms());
  if (!from) return error_answer(from.error());
  const auto to = time_parameter(request, "to", services.clock.now_ms());
  if (!to) return error_answer(to.error());
  filter.from_ms = *from;
  filter.to_ms = *to;
  const auto before = before_parameter(request, "the id of a line");
  if (!before) return error_answer(before.error());
  filter.before = *before;
  const auto rows = services.control.quarantine().list(filter, *limit);
  if (!rows) return error_answer(rows.error());
  const auto counts = services.control.quarantine().counts();
  if (!counts) return error_answer(counts.error());

  JsonWriter json;
  json.begin_object().key("lines").begin_array();
  for (const control::QuarantineRow& row : *rows) write_row(json, row);
  json.end_array().key("before");
  rows->size() == *limit ? json.value(rows->back().id) : json.null();
  json.key("counts").begin_array();
  for (const control::QuarantineCount& count : *counts) write_count(json, count);
  json.end_array().end_object();
  return http::json_response(200, json.take());
}

}  // namespace sightline::api
