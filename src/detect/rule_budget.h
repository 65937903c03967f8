// How much of the processor one rule may take.
#pragma once

#include <cstdint>

namespace sightline::detect {

// What a rule took is measured on a sample of events (event_sampler.h). Over the budget within one window, it is set
// aside; so is, whatever the budget, a rule whose evaluation throws.
struct RuleBudget {
  double cores = 0;  // CPU time a time, 1 being one core all the time; 0: without a bound
  std::uint64_t window_ns = 10'000'000'000;
  std::uint32_t least_samples = 8;  // in a window, before it is judged

  bool is_exceeded(std::uint64_t cpu_ns, std::uint32_t samples) const {
    return cores > 0 && samples >= least_samples &&
           static_cast<double>(cpu_ns) > cores * static_cast<double>(window_ns);
  }
};

}  // namespace sightline::detect
