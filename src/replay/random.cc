#include "replay/random.h"

#include <algorithm>

namespace sightline::replay {

void Random::append_hex(std::string& out, std::size_t count) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (i % 16 == 0) bits = next();
    out += kDigits[bits & 15];
    bits >>= 4;
  }
}

void Random::append_uuid(std::string& out) {
  append_hex(out, 8);
  out += '-';
  append_hex(out, 4);
  out += "-4";
  append_hex(out, 3);
  out += '-';
  out += "89ab"[below(4)];
  append_hex(out, 3);
  out += '-';
  append_hex(out, 12);
}

Random Random::fork(std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325ULL ^ next();  // FNV-1a
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return Random(hash);
}

Weighted::Weighted(std::span<const double> weights) {
  double sum = 0;
  for (const double weight : weights) cumulative_.push_back(sum += weight);
}

std::size_t Weighted::operator()(Random& random) const {
  const auto found = std::ranges::upper_bound(cumulative_, random.fraction() * cumulative_.back());
  return std::min(static_cast<std::size_t>(found - cumulative_.begin()), cumulative_.size() - 1);
}

}  // namespace sightline::replay
