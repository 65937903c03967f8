// GET /v1/alerts/{id}/events: the events behind an alert, as they were when it opened.
#include "server/api/errors.h"
#include "server/api/handlers.h"
#include "server/api/json_writer.h"

namespace sightline::api {

http::Response get_alert_events(Services& services, http::Request& request) {
  const auto alert = services.control.alerts().read(request.parameter("id"));
  if (!alert) return error_answer(alert.error());
  JsonWriter json;
  json.begin_object().key("events").begin_array();
  for (const alerts::Evidence& evidence : alert->events) json.raw(evidence.json);
  json.end_array().end_object();
  return http::json_response(200, json.take());
}

}  // namespace sightline::api
