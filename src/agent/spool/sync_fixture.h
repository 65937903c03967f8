// fsync and fdatasync of the test program: they count and fail as a test wants, and leave the disk alone. What they are
// for, a machine whose power fails, is not tested here.
#pragma once

#include <atomic>

namespace sightline::agent {

struct Syncs {
  static inline std::atomic<int> done{0};
  static inline std::atomic<bool> failing{false};
  static inline std::atomic<bool> cutting_fails{false};  // ftruncate, too
};

}  // namespace sightline::agent
