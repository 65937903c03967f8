// GET /readyz: telemetry is taken and can be searched.
#include "server/api/handlers.h"
#include "server/api/json_writer.h"

namespace sightline::api {

http::Response get_readiness(Services& services, http::Request&) {
  const bool pipeline = services.pipeline.ready();
  const bool disk = !disk_is_full(services);
  JsonWriter json;
  json.begin_object().member("ready", pipeline && disk).key("checks").begin_object();
  json.member("pipeline", pipeline).member("disk", disk).end_object().end_object();
  return http::json_response(pipeline && disk ? 200 : 503, json.take());
}

}  // namespace sightline::api
