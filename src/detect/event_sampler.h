// Which events are timed, to know what rules cost without timing all.
#pragma once

#include <cstdint>

namespace sightline::detect {

// One event in 64, chosen without a pattern that events could share; all of them while events take long, so that a rule
// which costs far too much is noticed before many more have paid for it. Belongs to one batch.
class EventSampler {
 public:
  static constexpr std::uint64_t kEvery = 64;
  static constexpr std::uint64_t kStretch = 32;                 // events between looks at the time
  static constexpr std::uint64_t kSlowStretch_ns = 32'000'000;  // a millisecond an event

  // `first`: how many events were sampled or not before.
  explicit EventSampler(std::uint64_t first) : next_(first) {}

  // True where next() wants the time.
  bool wants_time() const { return in_stretch_ == 0; }
  // How many events the next one stands for; 0: it is not timed. `now_ns`: of a steady clock, where wants_time().
  std::uint64_t next(std::uint64_t now_ns) {
    if (in_stretch_ == 0) {
      slow_ = stretch_begin_ns_ != 0 && now_ns - stretch_begin_ns_ > kSlowStretch_ns;
      stretch_begin_ns_ = now_ns;
    }
    in_stretch_ = (in_stretch_ + 1) % kStretch;
    const bool chosen = mixed(next_++) % kEvery == 0;
    return slow_ ? 1 : chosen ? kEvery : 0;
  }

 private:
  // The finalizer of SplitMix64.
  static std::uint64_t mixed(std::uint64_t number) {
    number = (number + 1) * 0x9e3779b97f4a7c15U;
    number = (number ^ (number >> 30U)) * 0xbf58476d1ce4e5b9U;
    number = (number ^ (number >> 27U)) * 0x94d049bb133111ebU;
    return number ^ (number >> 31U);
  }

  std::uint64_t next_;
  std::uint64_t in_stretch_ = 0;
  std::uint64_t stretch_begin_ns_ = 0;
  bool slow_ = false;
};

}  // namespace sightline::detect
