// GET /v1/statistics: how much is stored.
#include "server/api/errors.h"
#include "server/api/handlers.h"
#include "server/api/json_writer.h"
#include "server/api/parameters.h"

namespace sightline::api {

http::Response get_statistics(Services& services, http::Request& request) {
  if (auto known = check_parameters(request, {}); !known) return error_answer(known.error());
  const auto stored = services.store.statistics();
  if (!stored) return error_answer(stored.error());
  const auto alerts = services.control.alerts().counts();
  if (!alerts) return error_answer(alerts.error());
  JsonWriter json;
  json.begin_object().member("version", services.version);
  json.member("events", stored->events).member("bytes_on_disk", stored->bytes_on_disk).member("parts", stored->parts);
  json.member("batches", services.pipeline.newest_batch());
  json.key("alerts").begin_object().member("open", alerts->open).member("dismissed", alerts->dismissed).end_object();
  json.end_object();
  return http::json_response(200, json.take());
}

}  // namespace sightline::api
