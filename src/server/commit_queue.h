// Decoded batches on their way to the one thread that commits them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "alerts/alert.h"
#include "base/error.h"
#include "base/hash.h"
#include "event/event.h"
#include "server/copy_index.h"
#include "server/fair_queue.h"
#include "sources/decoder.h"

namespace sightline::server {

// What became of a batch: its number; nullopt where its key had a manifest by then, and nothing was stored.
using CommitResult = Result<std::optional<std::uint64_t>>;

// A batch that waits for its commit.
struct CommitItem {
  BatchKey key;
  Sha256Digest body_hash{};
  std::string format;
  sources::Decoded decoded;
  std::vector<CopyCandidate> copy_candidates;
  std::vector<alerts::Alert> alerts;  // of the server itself; created_ms is set at the commit
  std::size_t size_bytes = 0;
  std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();  // when its request came
  std::promise<CommitResult> outcome;
};

struct GroupLimits {
  std::size_t events = 0;
  std::size_t bytes = 0;
  std::size_t batches = 0;
};

// Thread-safe. Unbounded by itself: admission (pipeline.cc) bounds what may be in it.
class CommitQueue {
 public:
  using Group = std::vector<std::unique_ptr<CommitItem>>;

  // False once closed.
  bool push(std::unique_ptr<CommitItem> item) {
    {
      const std::scoped_lock lock(mutex_);
      if (closed_) return false;
      const BatchKey& key = item->key;
      items_.push(key, std::move(item));
    }
    changed_.notify_one();
    return true;
  }

  // The next batches, of senders in turns, up to the limits, at least one. Waits for them: without end, or, where
  // `wait_ms` is given, that long, and then returns an empty group. nullopt: closed and empty.
  std::optional<Group> take(const GroupLimits& limits, std::optional<std::int64_t> wait_ms) {
    std::unique_lock lock(mutex_);
    const auto ready = [&] { return closed_ || !items_.empty(); };
    if (wait_ms) {
      changed_.wait_for(lock, std::chrono::milliseconds(*wait_ms), ready);
    } else {
      changed_.wait(lock, ready);
    }
    if (items_.empty()) return closed_ ? std::nullopt : std::optional<Group>(Group{});
    return take_locked(limits);
  }

  void close() {
    {
      const std::scoped_lock lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
  }

 private:
  Group take_locked(const GroupLimits& limits) {
    Group group;
    std::size_t events = 0;
    std::size_t bytes = 0;
    while (!items_.empty() && group.size() < limits.batches) {
      const CommitItem& next = *items_.front();
      events += next.decoded.events.size();
      bytes += next.size_bytes;
      if (!group.empty() && (events > limits.events || bytes > limits.bytes)) break;
      group.push_back(items_.pop());
    }
    return group;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  FairQueue<std::unique_ptr<CommitItem>> items_;
  bool closed_ = false;
};

}  // namespace sightline::server
