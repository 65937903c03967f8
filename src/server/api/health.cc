// GET /healthz: the process is alive.
#include "server/api/handlers.h"

namespace sightline::api {

http::Response get_health(Services&, http::Request&) { return http::text_response(200, "ok\n"); }

}  // namespace sightline::api
