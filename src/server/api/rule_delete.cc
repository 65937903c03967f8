// DELETE /v1/rules/{id}: a rule that is kept through the API goes; its versions stay.
#include "server/api/errors.h"
#include "server/api/handlers.h"
#include "server/api/parameters.h"
#include "server/api/rule_precondition.h"

namespace sightline::api {

http::Response delete_rule(Services& services, http::Request& request) {
  if (auto known = check_parameters(request, {}); !known) return error_answer(known.error());
  const Precondition condition = read_precondition(services, request);
  if (condition.failed) return *condition.failed;
  const auto removed =
      services.rules.remove({.id = std::string(request.parameter("id")), .text = {}, .expected = condition.expected},
                            {request.principal, services.clock.now_ms()});
  if (!removed) return error_answer(removed.error());
  http::Response response;
  response.status = 204;
  return response;
}

}  // namespace sightline::api
