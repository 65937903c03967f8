// Random choices from a seed, the same on every machine.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <string_view>

namespace sightline::query::testing {

class RandomSource {
 public:
  explicit RandomSource(std::uint64_t seed) : engine_(seed) {}

  // 0 up to but not including `bound`.
  std::size_t below(std::size_t bound) { return bound == 0 ? 0 : static_cast<std::size_t>(engine_() % bound); }
  bool percent(std::size_t chance) { return below(100) < chance; }

  template <class Container>
  const auto& pick(const Container& container) {
    return container[below(std::size(container))];
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace sightline::query::testing
