#include "server/api/stored_event.h"

#include <array>

namespace sightline::api {

Result<EventBatch> read_event(Services& services, const http::Request& request) {
  const auto id = parse_event_id(request.parameter("id"));
  if (!id) return fail(ErrorCode::invalid_input, "an event id is 32 hexadecimal digits");
  const std::array<EventId, 1> ids = {*id};
  auto found = services.store.read_events(ids, services.pipeline.newest_batch());
  if (found && found->empty()) return fail(ErrorCode::not_found, "there is no event with this id");
  return found;
}

}  // namespace sightline::api
