// Adds losses up until they are told.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "agent/loss/loss.h"

namespace sightline::agent {

// Thread-safe.
class LossLedger {
 public:
  // Losses of one source and reason between two calls of take() are one: counts are summed, where one is unknown the
  // sum is; the interval spans all; one detail stays.
  void add(Loss loss);

  // All there are, which are then no longer here.
  std::vector<Loss> take();
  // What take() gave and could not be told after all.
  void put_back(std::vector<Loss> losses);

  bool empty() const;

  // What was added since the program started.
  struct Total {
    std::uint64_t count = 0;  // of losses, however many records each is
    std::string last;         // the newest, for people
    std::int64_t last_ms = 0;
  };
  Total total() const;

 private:
  void merge(Loss loss);

  mutable std::mutex mutex_;
  Total total_;
  std::map<std::pair<std::string, LossReason>, Loss> open_;
};

}  // namespace sightline::agent
