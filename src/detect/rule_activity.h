// What a rule did while it was in force.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

namespace sightline::detect {

// Goes from one set of active rules to the next with the rule's id. Thread-safe.
class RuleActivity {
 public:
  // Counters only grow.
  std::atomic<std::uint64_t> matches{0};        // events it fired on
  std::atomic<std::uint64_t> suppressed{0};     // events it would have fired on
  std::atomic<std::uint64_t> cpu_ns{0};         // estimated from a sample of events (event_sampler.h)
  std::atomic<std::int64_t> last_match_ms{0};   // 0: never
  std::atomic<std::uint64_t> first_matched{0};  // its place among the rules that have matched, from 1; 0: it has not

  // Why it is not tried although its files would have it; empty: it is.
  std::string set_aside_reason() const {
    const std::scoped_lock lock(mutex_);
    return set_aside_reason_;
  }
  void set_aside(std::string reason) {
    const std::scoped_lock lock(mutex_);
    set_aside_reason_ = std::move(reason);
  }

  // What a rule took within one window of time.
  struct Window {
    std::uint64_t begin_ns = 0;
    std::uint64_t cpu_ns = 0;
    std::uint32_t samples = 0;
  };
  // Adds to cpu_ns, and to the window that `now_ns`, of a steady clock, is in; returns that window.
  Window charge(std::uint64_t taken_ns, std::uint64_t now_ns, std::uint64_t window_ns) {
    cpu_ns += taken_ns;
    const std::scoped_lock lock(mutex_);
    if (window_.samples == 0 || now_ns - window_.begin_ns >= window_ns) window_ = {now_ns, 0, 0};
    window_.cpu_ns += taken_ns;
    ++window_.samples;
    return window_;
  }

 private:
  mutable std::mutex mutex_;
  std::string set_aside_reason_;
  Window window_;
};

}  // namespace sightline::detect
