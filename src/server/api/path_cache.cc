#include "server/api/path_cache.h"

namespace sightline::api {

bool PathCache::contains(std::string_view path) const {
  return current()->contains(path) || refresh()->contains(path) || !store_.knows_all_paths();
}

std::vector<std::string> PathCache::nearest(std::string_view name, std::size_t limit) const {
  return current()->nearest(name, limit);
}

PathCache::Snapshot PathCache::current() const {
  const std::lock_guard lock(mutex_);
  return snapshot_;
}

PathCache::Snapshot PathCache::refresh() const {
  const std::vector<std::string> paths = store_.attribute_paths();
  auto fresh = std::make_shared<const query::SetPathCatalog>(paths);
  const std::lock_guard lock(mutex_);
  snapshot_ = fresh;
  return fresh;
}

}  // namespace sightline::api
