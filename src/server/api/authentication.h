// Who sends a request, and whether they may.
#pragma once

#include <optional>

#include "control/tokens.h"
#include "server/api/services.h"
#include "server/http/message.h"

namespace sightline::api {

// What a route asks of the bearer.
enum class Access : std::uint8_t {
  open,   // nobody has to say who they are
  scope,  // a token with the scope named beside it
};

// Sets the request's principal and, for token_of(), its token. A response: 401 with WWW-Authenticate where the token is
// missing or unknown, 403 where it lacks the scope. Refusals are counted, and logged without the token.
std::optional<http::Response> authenticate(Services& services, http::Request& request, Access access,
                                           control::Scope scope);

// The token that authenticate() found; only on routes that ask for one.
const control::Token& token_of(const http::Request& request);

}  // namespace sightline::api
