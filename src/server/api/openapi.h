// The OpenAPI document, docs/api/openapi.yaml, as it was when this program was built.
#pragma once

#include <string_view>

namespace sightline::api {

std::string_view openapi_document();

}  // namespace sightline::api
