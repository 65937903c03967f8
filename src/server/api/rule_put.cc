// PUT /v1/rules/{id}: a rule's text, in force when the answer is sent.
#include <fmt/format.h>

#include "server/api/errors.h"
#include "server/api/handlers.h"
#include "server/api/parameters.h"
#include "server/api/rule_precondition.h"
#include "server/api/rule_problems.h"
#include "server/api/rule_version_json.h"

namespace sightline::api {

namespace {

// "override": true or false.
Result<bool> read_override(const http::Request& request) {
  if (auto known = check_parameters(request, {"override"}); !known) return std::unexpected(known.error());
  const auto value = request.query_value("override").value_or("false");
  if (value != "true" && value != "false") {
    return fail(ErrorCode::invalid_input, "\"override\" must be true or false");
  }
  return value == "true";
}

}  // namespace

http::Response put_rule(Services& services, http::Request& request) {
  const auto overrides = read_override(request);
  if (!overrides) return error_answer(overrides.error());
  const std::string id(request.parameter("id"));
  const auto checked = services.rules.check(request.body);
  if (!checked->problems().empty()) return problems_answer(*checked);
  if (checked->rules().size() != 1) {
    return http::error_response(400, fmt::format("the text holds {} rules; expected one", checked->rules().size()),
                                "invalid_input");
  }
  if (checked->rules().front().id != id) {
    return http::error_response(
        400, fmt::format("the text is about the rule {}, the address about {}", checked->rules().front().id, id),
        "invalid_input");
  }
  const Precondition condition = read_precondition(services, request);
  if (condition.failed) return *condition.failed;
  const auto before = services.rules.kept(id);
  const auto stored = services.rules.put({id, std::move(request.body), condition.expected, *overrides},
                                         {request.principal, services.clock.now_ms()});
  if (!stored) return error_answer(stored.error());
  return version_answer(before ? 200 : 201, *stored, outcome_of(before, *stored));
}

}  // namespace sightline::api
