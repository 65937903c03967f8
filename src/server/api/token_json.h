// Tokens as JSON; never their secret.
#pragma once

#include "control/tokens.h"
#include "server/api/json_writer.h"

namespace sightline::api {

void write_token(JsonWriter& json, const control::Token& token);

}  // namespace sightline::api
