// Which handler answers which method and path.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "server/http/message.h"
#include "server/http/target.h"

namespace sightline::http {

// Where a handler runs. `inline_` is the network thread: only for answers that never block.
enum class Pool : std::uint8_t { inline_, ingest, query };

struct Route {
  std::string method;   // GET also answers HEAD
  std::string pattern;  // "/v1/alerts/{id}": a part in braces takes one segment
  Pool pool = Pool::query;
  std::size_t max_body_bytes = 0;  // 0: a body is refused

  // Called with the head alone, before the body is read, in the same pool; a response ends the request. May be empty.
  std::function<std::optional<Response>(Request&)> admit;
  std::function<Response(Request&)> handle;
};

// Filled before the server starts, then only read: thread-safe from then on.
class Router {
 public:
  // The pattern starts with '/'; the pair of method and pattern is new. Both are checked.
  void add(Route route);
  const std::vector<Route>& routes() const { return routes_; }

  struct Match {
    const Route* route = nullptr;      // nullptr: no such path, or not with this method
    NameValues parameters;             // percent-decoded
    std::vector<std::string> allowed;  // the methods that the path has, where the method is not among them
  };
  // A pattern's literal segment wins over a segment in braces; otherwise the first added wins.
  Match match(std::string_view method, const Target& target) const;

 private:
  std::vector<Route> routes_;
  std::vector<std::vector<std::string>> segments_;  // of routes_[i]
};

}  // namespace sightline::http
