// GET /v1/tokens: all tokens, revoked ones included, without their secrets.
#include "server/api/errors.h"
#include "server/api/handlers.h"
#include "server/api/parameters.h"
#include "server/api/token_json.h"

namespace sightline::api {

http::Response list_tokens(Services& services, http::Request& request) {
  if (auto known = check_parameters(request, {}); !known) return error_answer(known.error());
  const auto tokens = services.control.tokens().list();
  if (!tokens) return error_answer(tokens.error());
  JsonWriter json;
  json.begin_object().key("tokens").begin_array();
  for (const control::Token& token : *tokens) write_token(json, token);
  json.end_array().end_object();
  return http::json_response(200, json.take());
}

}  // namespace sightline::api
