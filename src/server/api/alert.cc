// GET /v1/alerts/{id}: one alert with its events.
#include "alerts/alert_json.h"
#include "server/api/errors.h"
#include "server/api/handlers.h"

namespace sightline::api {

http::Response get_alert(Services& services, http::Request& request) {
  const auto alert = services.control.alerts().read(request.parameter("id"));
  if (!alert) return error_answer(alert.error());
  return http::json_response(200, alerts::to_json_with_events(*alert) + "\n");
}

}  // namespace sightline::api
