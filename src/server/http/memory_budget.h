// Memory that all requests in flight share.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace sightline::http {

// Thread-safe. An owner's first request gets what there is. Beside it, others of the same owner get memory only while
// the owner leaves as much free as it holds then: so one alone gets half, and whoever comes finds room.
class MemoryBudget {
 public:
  explicit MemoryBudget(std::size_t limit_bytes) : limit_bytes_(limit_bytes) {}

  // For a request that holds `held_bytes` already.
  bool take(const std::string& owner, std::size_t held_bytes, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    if (bytes > limit_bytes_ - used_bytes_) return false;
    const auto known = owners_.find(owner);
    const bool has_others = known != owners_.end() && known->second > held_bytes;
    if (has_others && known->second + bytes > limit_bytes_ - used_bytes_ - bytes) return false;
    owners_[owner] += bytes;
    used_bytes_ += bytes;
    return true;
  }
  void give_back(const std::string& owner, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    used_bytes_ -= bytes;
    const auto found = owners_.find(owner);
    if ((found->second -= bytes) == 0) owners_.erase(found);
  }
  std::size_t used_bytes() const {
    const std::lock_guard lock(mutex_);
    return used_bytes_;
  }

 private:
  const std::size_t limit_bytes_;
  mutable std::mutex mutex_;
  std::size_t used_bytes_ = 0;
  std::map<std::string, std::size_t> owners_;  // what each holds, of those who hold something
};

// The share of one request; given back at the end of its life. Not thread-safe.
class MemoryShare {
 public:
  explicit MemoryShare(MemoryBudget& budget) : budget_(&budget) {}
  ~MemoryShare() { release(); }
  MemoryShare(const MemoryShare&) = delete;
  MemoryShare& operator=(const MemoryShare&) = delete;

  // Makes the share at least `bytes` large; `owner` is always the same. False where the budget has no room; the share
  // stays as it was.
  bool grow_to(std::size_t bytes, const std::string& owner) {
    if (bytes <= bytes_) return true;
    if (!budget_->take(owner, bytes_, bytes - bytes_)) return false;
    bytes_ = bytes;
    owner_ = owner;
    return true;
  }
  void release() {
    if (bytes_ > 0) budget_->give_back(owner_, std::exchange(bytes_, 0));
  }

 private:
  MemoryBudget* budget_;
  std::size_t bytes_ = 0;
  std::string owner_;
};

}  // namespace sightline::http
