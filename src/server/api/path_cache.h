// The attribute paths seen in the store, for checking queries without copying them from the store each time.
#pragma once

#include <memory>
#include <mutex>

#include "query/path_catalog.h"
#include "store/event_store.h"

namespace sightline::api {

// Thread-safe. A path that came in a moment ago is found: a miss asks the store again. Where the store does not list
// them all, any is accepted.
class PathCache final : public query::PathCatalog {
 public:
  explicit PathCache(const store::EventStore& store) : store_(store) {}

  bool contains(std::string_view path) const override;
  std::vector<std::string> nearest(std::string_view name, std::size_t limit) const override;

 private:
  using Snapshot = std::shared_ptr<const query::SetPathCatalog>;
  Snapshot current() const;
  Snapshot refresh() const;

  const store::EventStore& store_;
  mutable std::mutex mutex_;
  mutable Snapshot snapshot_ = std::make_shared<query::SetPathCatalog>();
};

}  // namespace sightline::api
