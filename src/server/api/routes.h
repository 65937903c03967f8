// The table of all routes: who may call what, and where it runs.
#pragma once

#include <string_view>
#include <vector>

#include "server/api/services.h"
#include "server/http/router.h"

namespace sightline::api {

inline constexpr std::size_t kMaxIngestBodyBytes = 64ULL << 20;  // as sent, compressed or not
inline constexpr std::size_t kMaxJsonBodyBytes = 256ULL << 10;

struct RouteInfo {
  std::string_view method;
  std::string_view pattern;
  std::string_view access;  // "open", or the name of a scope
};
// Every route there is.
std::vector<RouteInfo> all_routes();

// `services` outlives the router.
http::Router make_router(Services& services);

}  // namespace sightline::api
