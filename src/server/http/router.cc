#include "server/http/router.h"

#include <algorithm>
#include <stdexcept>

namespace sightline::http {

namespace {

bool is_placeholder(const std::string& segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

std::vector<std::string> split_pattern(std::string_view pattern) {
  std::vector<std::string> segments;
  for (std::size_t begin = 1; begin <= pattern.size();) {
    const std::size_t end = std::min(pattern.find('/', begin), pattern.size());
    segments.emplace_back(pattern.substr(begin, end - begin));
    begin = end + 1;
  }
  return segments;
}

// nullopt: no match. Otherwise the number of literal segments.
std::optional<std::size_t> score(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
  if (pattern.size() != path.size()) return std::nullopt;
  std::size_t literals = 0;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (is_placeholder(pattern[i]) ? path[i].empty() : pattern[i] != path[i]) return std::nullopt;
    if (!is_placeholder(pattern[i])) ++literals;
  }
  return literals;
}

NameValues take_parameters(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
  NameValues parameters;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (is_placeholder(pattern[i])) parameters.emplace_back(pattern[i].substr(1, pattern[i].size() - 2), path[i]);
  }
  return parameters;
}

bool answers(const Route& route, std::string_view method) {
  return route.method == method || (method == "HEAD" && route.method == "GET");
}

}  // namespace

void Router::add(Route route) {
  const bool taken = std::ranges::any_of(
      routes_, [&](const Route& other) { return other.method == route.method && other.pattern == route.pattern; });
  if (taken || !route.pattern.starts_with('/') || !route.handle) {
    throw std::logic_error("bad route " + route.method + " " + route.pattern);
  }
  segments_.push_back(split_pattern(route.pattern));
  routes_.push_back(std::move(route));
}

Router::Match Router::match(std::string_view method, const Target& target) const {
  Match match;
  std::size_t best_score = 0;
  std::size_t best = routes_.size();
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    const auto literals = score(segments_[i], target.segments);
    if (!literals) continue;
    if (!answers(routes_[i], method)) {
      match.allowed.push_back(routes_[i].method);
    } else if (best == routes_.size() || *literals > best_score) {
      best = i;
      best_score = *literals;
    }
  }
  if (best < routes_.size()) {
    match.route = &routes_[best];
    match.parameters = take_parameters(segments_[best], target.segments);
    match.allowed.clear();
  }
  return match;
}

}  // namespace sightline::http
