// Randomness that is the same for the same seed on every machine: the standard library's distributions are not.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sightline::replay {

// SplitMix64. Not thread-safe.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

  // 0 … bound-1; 0 < bound < 2^53.
  std::uint64_t below(std::uint64_t bound) {
    return static_cast<std::uint64_t>(fraction() * static_cast<double>(bound));
  }
  // low … high, both included.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
  }
  // [0, 1)
  double fraction() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  bool chance(double probability) { return fraction() < probability; }

  // 0 … count-1, low ones far more often: the i-th about 1 / (i + 1) as often as the first.
  std::size_t low_below(std::size_t count) {
    const double drawn = std::exp(fraction() * std::log(static_cast<double>(count) + 1.0)) - 1.0;
    return std::min(static_cast<std::size_t>(drawn), count - 1);
  }

  // Appends `count` characters of `alphabet`.
  void append(std::string& out, std::string_view alphabet, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) out += alphabet[below(alphabet.size())];
  }
  std::string hex(std::size_t count) {
    std::string out;
    append_hex(out, count);
    return out;
  }
  void append_hex(std::string& out, std::size_t count);
  // 8-4-4-4-12 hexadecimal digits, version 4.
  void append_uuid(std::string& out);
  std::string uuid() {
    std::string out;
    append_uuid(out);
    return out;
  }

  // A generator of its own, so that adding to one part of the replay leaves the others as they were.
  Random fork(std::string_view name);

 private:
  std::uint64_t state_;
};

// Draws indices by given weights. Immutable.
class Weighted {
 public:
  explicit Weighted(std::span<const double> weights);
  std::size_t operator()(Random& random) const;

 private:
  std::vector<double> cumulative_;
};

}  // namespace sightline::replay
