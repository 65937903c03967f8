// The files of the store's directory, at one moment.
#pragma once

#include <filesystem>
#include <set>
#include <stop_token>
#include <utility>

#include "base/error.h"

namespace sightline::store {

// Makes a copy of the store's directory out of hard links, which takes no space: an engine that opens a real copy of it
// finds every row that was stored when update() began. The engine may be running on the directory, merging and
// inserting, but nothing may remove rows or change tables during an update. How: parts are never changed once they are
// in place, and vanish only after the part that they were merged into is in place; so what is listed again after
// something vanished is complete.
class StoreFileLinks {
 public:
  // `target` does not exist, and must be on the same file system.
  StoreFileLinks(std::filesystem::path source, std::filesystem::path target)
      : source_(std::move(source)), target_(std::move(target)) {}

  // Brings the copy up to date. Parts that it has already cost nothing, so a second call takes a moment.
  // Errors: unavailable (no hard links there); cancelled.
  Result<void> update(const std::stop_token& stop);

 private:
  class Pass;
  Result<void> update_directory(const std::filesystem::path& below, const std::filesystem::path& but,
                                const std::stop_token& stop);
  std::filesystem::path source_;
  std::filesystem::path target_;
  std::set<std::filesystem::path> complete_;  // parts, in the target
};

}  // namespace sightline::store
