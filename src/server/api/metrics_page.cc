// GET /metrics: figures for Prometheus.
#include "server/api/handlers.h"

namespace sightline::api {

http::Response get_metrics(Services& services, http::Request&) {
  const bool ready = services.pipeline.ready() && !disk_is_full(services);
  const auto rules = services.pipeline.rules();
  http::Response response =
      http::text_response(200, services.metrics.render(services.pipeline.metrics(), services.store.counters(), *rules,
                                                       ready, services.control.retention().removed()));
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  return response;
}

}  // namespace sightline::api
