#include "query/path_catalog.h"

#include <algorithm>

#include "query/name_distance.h"

namespace sightline::query {
namespace {

constexpr std::string_view kKnownPaths[] = {
#define KNOWN_PATH(path) path,
#include "query/known_paths.def"
#undef KNOWN_PATH
};

}  // namespace

std::vector<std::string> SetPathCatalog::nearest(std::string_view name, std::size_t limit) const {
  NearestNames nearest(name, limit);
  for (const std::string& path : paths_) nearest.offer(path);
  return nearest.names();
}

std::span<const std::string_view> known_paths() { return kKnownPaths; }

bool is_known_path(std::string_view path) { return std::ranges::binary_search(kKnownPaths, path); }

}  // namespace sightline::query
