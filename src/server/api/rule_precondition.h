// If-Match and If-None-Match of requests that change a rule.
#pragma once

#include <cstdint>
#include <optional>

#include "server/api/services.h"
#include "server/http/message.h"

namespace sightline::api {

struct Precondition {
  std::optional<std::uint64_t> expected;  // the version that there must be; 0: none; nullopt: any
  std::optional<http::Response> failed;   // the answer where it does not hold: 412; 400 where it cannot be read
};

// If-Match: "3" or *; If-None-Match: *. Of the rule that the request names.
Precondition read_precondition(const Services& services, const http::Request& request);

}  // namespace sightline::api
