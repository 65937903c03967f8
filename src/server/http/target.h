// The request target: path and query of a request line.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "server/http/message.h"

namespace sightline::http {

struct Target {
  std::string authority;              // of the absolute form (http://host/path), empty otherwise
  std::string path;                   // as sent: starts with '/'
  std::vector<std::string> segments;  // percent-decoded: "/v1/a%2Fb" is "v1", "a/b"
  NameValues query;                   // percent-decoded, '+' is a space
};

// Accepts the origin form (/path?query) and the absolute form. Errors: invalid_input for anything else: a bad percent
// escape, an encoded NUL, a character that may not stand in a target, a fragment, more than kMaxQueryValues values.
Result<Target> parse_target(std::string_view text);
inline constexpr std::size_t kMaxQueryValues = 100;

// nullopt on a bad escape or an encoded NUL.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

}  // namespace sightline::http
