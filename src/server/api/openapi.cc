// GET /openapi.yaml: what this server offers, for programs and for people.
#include "server/api/openapi.h"

#include "server/api/handlers.h"

namespace sightline::api {

http::Response get_openapi(Services&, http::Request&) {
  http::Response response;
  response.content_type = "application/yaml";
  response.body = openapi_document();
  return response;
}

}  // namespace sightline::api
