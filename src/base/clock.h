// The time, passed in so that tests can set it.
#pragma once

#include <cstdint>

namespace sightline {

class Clock {
 public:
  virtual ~Clock() = default;
  // Milliseconds since the Unix epoch, UTC. Thread-safe.
  virtual std::int64_t now_ms() const = 0;
};

class SystemClock final : public Clock {
 public:
  std::int64_t now_ms() const override;
};

// Milliseconds since some moment, by a clock that nobody sets: for durations.
std::int64_t steady_now_ms();

}  // namespace sightline
