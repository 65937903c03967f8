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
#include <unordered_map>
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
  std::size_t shares = 1;                 // one principal gets that part of the events and bytes, while others send too
  std::chrono::microseconds patience{0};  // for who had a batch in the group before, from when take() is called
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
      note_sender(item->key.principal);
      const BatchKey& key = item->key;
      items_.push(key, std::move(item));
    }
    changed_.notify_one();
    return true;
  }

  // The next batches, of senders in turns, up to the limits, at least one. A group ends where the next principal has
  // its share of it. Waits for them: without end, or, where `wait_ms` is given, that long, and then returns an empty
  // group. nullopt: closed and empty.
  std::optional<Group> take(const GroupLimits& limits, std::optional<std::int64_t> wait_ms) {
    std::unique_lock lock(mutex_);
    const Clock::time_point patient_until = Clock::now() + limits.patience;
    const auto ready = [&] { return closed_ || !items_.empty(); };
    if (wait_ms) {
      changed_.wait_for(lock, std::chrono::milliseconds(*wait_ms), ready);
    } else {
      changed_.wait(lock, ready);
    }
    if (items_.empty()) return closed_ ? std::nullopt : std::optional<Group>(Group{});
    // Most who were just answered have their next batch at once. Without them the group would be one sender's alone.
    if (had_several_) {
      changed_.wait_until(lock, patient_until, [&] { return closed_ || items_.principals() > 1; });
    }
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
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kRemembered{2};

  struct Size {
    std::size_t events = 0;
    std::size_t bytes = 0;

    void add(const CommitItem& item) {
      events += item.decoded.events.size();
      bytes += item.size_bytes;
    }
    bool is_over(const GroupLimits& limits, std::size_t shares) const {
      return events > limits.events / shares || bytes > limits.bytes / shares;
    }
  };

  Group take_locked(const GroupLimits& limits) {
    Group group;
    Size size;
    std::unordered_map<std::string, Size> of_principal;
    had_several_ = items_.principals() > 1;
    const std::size_t shares = had_several_ || Clock::now() < several_until_ ? limits.shares : 1;
    while (!items_.empty() && group.size() < limits.batches) {
      const CommitItem& next = *items_.front();
      const auto [its, is_first] = of_principal.try_emplace(next.key.principal);
      size.add(next);
      its->second.add(next);
      if (!group.empty() && size.is_over(limits, 1)) break;
      if (!is_first && its->second.is_over(limits, shares)) break;
      group.push_back(items_.pop());
    }
    return group;
  }

  // A sender that waits for each answer may not be in the queue while the group after its own is made.
  void note_sender(const std::string& principal) {
    const Clock::time_point now = Clock::now();
    if (principal != newest_sender_ && now < newest_push_ + kRemembered) several_until_ = now + kRemembered;
    newest_sender_ = principal;
    newest_push_ = now;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  FairQueue<std::unique_ptr<CommitItem>> items_;
  std::string newest_sender_;
  Clock::time_point newest_push_;
  Clock::time_point several_until_;  // more than one principal sent lately
  bool had_several_ = false;         // principals waited for the newest group
  bool closed_ = false;
};

}  // namespace sightline::server
