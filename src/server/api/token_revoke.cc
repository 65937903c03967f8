// DELETE /v1/tokens/{id}: from now on the token is unknown.
#include "server/api/errors.h"
#include "server/api/handlers.h"

namespace sightline::api {

http::Response revoke_token(Services& services, http::Request& request) {
  const auto revoked =
      services.control.tokens().revoke(request.parameter("id"), request.principal, services.clock.now_ms());
  if (!revoked) return error_answer(revoked.error());
  http::Response response;
  response.status = 204;
  return response;
}

}  // namespace sightline::api
