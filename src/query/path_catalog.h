// The attribute paths that queries may name.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sightline::query {

// Which attribute paths exist, for example in the store. Thread-safe where const.
class PathCatalog {
 public:
  virtual ~PathCatalog() = default;
  virtual bool contains(std::string_view path) const = 0;
  // Paths that the author of `name` may have meant, best first.
  virtual std::vector<std::string> nearest(std::string_view name, std::size_t limit) const = 0;
};

// A fixed set of paths. Immutable, hence thread-safe.
class SetPathCatalog final : public PathCatalog {
 public:
  SetPathCatalog() = default;
  explicit SetPathCatalog(std::span<const std::string> paths) : paths_(paths.begin(), paths.end()) {}

  bool contains(std::string_view path) const override { return paths_.contains(path); }
  std::vector<std::string> nearest(std::string_view name, std::size_t limit) const override;

 private:
  std::set<std::string, std::less<>> paths_;
};

// Paths that sources are known to send: always accepted, so that rules load before the first such event has come.
// Sorted.
std::span<const std::string_view> known_paths();
bool is_known_path(std::string_view path);

}  // namespace sightline::query
