// A clock that stands where a test sets it.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/clock.h"

namespace sightline::testing {

// Thread-safe.
class ManualClock final : public Clock {
 public:
  static constexpr std::int64_t kStartMs = 1'700'000'000'000;

  std::int64_t now_ms() const override { return now_ms_; }
  void set(std::int64_t now_ms) { now_ms_ = now_ms; }
  void advance(std::int64_t ms) { now_ms_ += ms; }

 private:
  std::atomic<std::int64_t> now_ms_{kStartMs};
};

}  // namespace sightline::testing
