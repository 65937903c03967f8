// How much may be under way at once.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "server/pipeline_metrics.h"

namespace sightline::server {

// Thread-safe. Bounds requests and the memory their events take. A request is let in while there is room for more, at
// the size of its body; what it unfolds to is asked for while it is decoded. The only request under way is never
// refused memory, so that none waits for ever.
//
// A principal that has a request under way is let in with another, or given memory for several, only while it leaves as
// much free as it has then. So one alone gets half, n that take what they can get the n + 1st part each, and whoever
// comes finds room. One large request of somebody's may still fill the memory until it is stored.
class Admission {
 public:
  Admission(std::size_t max_requests, std::size_t max_bytes, PipelineMetrics& metrics)
      : max_requests_(max_requests), max_bytes_(max_bytes), metrics_(metrics) {}

  using Entered = std::multiset<std::chrono::steady_clock::time_point>;

  // Room that is given back when it is destroyed.
  class Ticket {
   public:
    Ticket(Admission& admission, std::string principal, std::size_t size_bytes, Entered::iterator entered)
        : admission_(&admission), principal_(std::move(principal)), size_bytes_(size_bytes), entered_(entered) {}
    Ticket(Ticket&& other) noexcept
        : admission_(other.admission_),
          principal_(std::move(other.principal_)),
          size_bytes_(other.size_bytes_),
          entered_(other.entered_) {
      other.admission_ = nullptr;
    }
    Ticket& operator=(Ticket&&) = delete;
    ~Ticket() {
      if (admission_ != nullptr) admission_->leave(principal_, size_bytes_, entered_);
    }
    // Makes the room at least as large. False where there is none; it stays as it was.
    bool grow_to(std::size_t size_bytes) {
      if (size_bytes <= size_bytes_) return true;
      if (!admission_->grow(principal_, size_bytes_, size_bytes)) return false;
      size_bytes_ = size_bytes;
      return true;
    }

    std::size_t size_bytes() const { return size_bytes_; }
    std::chrono::steady_clock::time_point since() const { return *entered_; }

   private:
    Admission* admission_;
    std::string principal_;
    std::size_t size_bytes_;
    Entered::iterator entered_;
  };

  std::optional<Ticket> enter(const std::string& principal, std::size_t size_bytes) {
    const std::scoped_lock lock(mutex_);
    if (requests_ >= max_requests_ || bytes_ >= max_bytes_) return refuse(metrics_.refused_busy);
    const auto known = shares_.find(principal);
    if (known != shares_.end()) {
      const bool leaves_as_much = known->second.requests + 1 <= free(max_requests_, requests_ + 1) &&
                                  known->second.bytes + size_bytes <= free(max_bytes_, bytes_ + size_bytes);
      if (!leaves_as_much) return refuse(metrics_.refused_share);
    }
    Share& share = shares_[principal];
    ++share.requests;
    share.bytes += size_bytes;
    ++requests_;
    bytes_ += size_bytes;
    const auto entered = entered_.insert(std::chrono::steady_clock::now());
    publish();
    return Ticket(*this, principal, size_bytes, entered);
  }

 private:
  struct Share {
    std::size_t requests = 0;  // at least one
    std::size_t bytes = 0;
  };

  static std::size_t free(std::size_t max, std::size_t used) { return max > used ? max - used : 0; }
  static std::optional<Ticket> refuse(PipelineMetrics::Value& counter) {
    ++counter;
    return std::nullopt;
  }
  void leave(const std::string& principal, std::size_t size_bytes, Entered::iterator entered) {
    const std::scoped_lock lock(mutex_);
    entered_.erase(entered);
    const auto share = shares_.find(principal);
    share->second.bytes -= size_bytes;
    if (--share->second.requests == 0) shares_.erase(share);
    --requests_;
    bytes_ -= size_bytes;
    publish();
  }
  bool grow(const std::string& principal, std::size_t from_bytes, std::size_t to_bytes) {
    const std::scoped_lock lock(mutex_);
    const std::size_t others_bytes = bytes_ - from_bytes;
    if (others_bytes > 0 && others_bytes + to_bytes > max_bytes_) return refuse(metrics_.refused_busy).has_value();
    Share& share = shares_.at(principal);
    const std::size_t share_bytes = share.bytes - from_bytes + to_bytes;
    if (share.requests > 1 && share_bytes > free(max_bytes_, others_bytes + to_bytes)) {
      return refuse(metrics_.refused_share).has_value();
    }
    share.bytes = share_bytes;
    bytes_ = others_bytes + to_bytes;
    publish();
    return true;
  }
  void publish() {
    metrics_.queued_requests = requests_;
    metrics_.queued_bytes = bytes_;
    const auto oldest = entered_.empty() ? std::chrono::steady_clock::time_point() : *entered_.begin();
    metrics_.oldest_since_us = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(oldest.time_since_epoch()).count());
  }

  const std::size_t max_requests_;
  const std::size_t max_bytes_;
  PipelineMetrics& metrics_;
  std::mutex mutex_;
  std::unordered_map<std::string, Share> shares_;  // of those who have something under way
  Entered entered_;                                // when each request came
  std::size_t requests_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace sightline::server
