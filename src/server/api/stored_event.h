// One event by the id in a request's path.
#pragma once

#include "base/error.h"
#include "event/event.h"
#include "server/api/services.h"
#include "server/http/message.h"

namespace sightline::api {

// A batch with that one event. Errors: invalid_input (not an id), not_found, unavailable.
Result<EventBatch> read_event(Services& services, const http::Request& request);

}  // namespace sightline::api
