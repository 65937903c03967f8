// The newest batch that a store may have events of. Where it is not beyond those a search may show, the search need not
// look which batch each event is of.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <utility>

namespace sightline::store::clickhouse {

// Thread-safe.
class NewestBatch {
 public:
  static constexpr std::uint64_t kUnknown = UINT64_MAX;

  // Before events of the batch are inserted.
  void announce(std::uint64_t number) {
    std::uint64_t before = announced_;
    while (before < number && !announced_.compare_exchange_weak(before, number)) {
    }
  }
  // What the store had when it was opened; unknown until then.
  void set_opened(std::uint64_t number) { opened_ = number; }

  // Gives `search(newest)` the newest batch there may be events of, or kUnknown: it leaves batches unchecked where that
  // is not beyond `bound`. An event that a search has seen was announced before it ended, so one that left them
  // unchecked while later batches came is run again. Returns its Result.
  template <class Search>
  auto search_up_to(std::uint64_t bound, Search&& search) {
    const std::uint64_t newest = was_in_vain_ ? kUnknown : read();
    auto result = search(newest);
    const bool has_grown = read() > bound;
    const bool is_in_vain = has_grown && newest <= bound;
    // After a try in vain the next would be too, most likely.
    if (is_in_vain || !has_grown) was_in_vain_ = is_in_vain;
    return is_in_vain && result ? search(kUnknown) : std::move(result);
  }

 private:
  std::uint64_t read() const {
    const std::uint64_t opened = opened_;
    return std::max<std::uint64_t>(opened, announced_);
  }

  std::atomic<std::uint64_t> opened_{kUnknown};
  std::atomic<std::uint64_t> announced_{0};
  std::atomic<bool> was_in_vain_{false};
};

}  // namespace sightline::store::clickhouse
