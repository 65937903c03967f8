// GET /v1/events/{id}: one event, whole.
#include "event/json.h"
#include "server/api/errors.h"
#include "server/api/handlers.h"
#include "server/api/stored_event.h"

namespace sightline::api {

http::Response get_event(Services& services, http::Request& request) {
  const auto found = read_event(services, request);
  if (!found) return error_answer(found.error());
  std::string json;
  append_json(json, found->events().front());
  return http::json_response(200, json + "\n");
}

}  // namespace sightline::api
