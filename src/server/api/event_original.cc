// GET /v1/events/{id}/original: the bytes the event came from, exactly.
#include "server/api/errors.h"
#include "server/api/handlers.h"
#include "server/api/stored_event.h"

namespace sightline::api {

http::Response get_event_original(Services& services, http::Request& request) {
  const auto found = read_event(services, request);
  if (!found) return error_answer(found.error());
  http::Response response;
  response.content_type = "application/octet-stream";
  response.headers.emplace_back("Content-Disposition", "attachment");
  response.body = found->events().front().original;
  return response;
}

}  // namespace sightline::api
