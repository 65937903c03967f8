// From when on the store has so many events: what pages of the newest of all have shown. The next such page asks for
// those first, which spares looking into every part of the store; where they are no longer enough (days are removed) it
// asks for all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>

namespace sightline::store::clickhouse {

// Thread-safe.
class RecentEvents {
 public:
  // The newest `events` ended with an event of this time.
  void saw(std::size_t events, std::int64_t last_time_ms) {
    const std::lock_guard lock(mutex_);
    since_ms_[events] = last_time_ms;
  }

  // The time from which on there were `events` or more; INT64_MIN where that is not known.
  std::int64_t since(std::size_t events) const {
    const std::lock_guard lock(mutex_);
    const auto enough = since_ms_.lower_bound(events);
    return enough == since_ms_.end() ? INT64_MIN : enough->second;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::size_t, std::int64_t> since_ms_;  // by the size of a page, of which there are few
};

}  // namespace sightline::store::clickhouse
