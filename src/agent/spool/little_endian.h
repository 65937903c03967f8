// Integers as the spool's files hold them: least significant byte first.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sightline::agent {

template <std::integral Integer>
void put(std::string& out, Integer value) {
  auto bits = static_cast<std::uint64_t>(value);
  for (std::size_t i = 0; i < sizeof value; ++i, bits >>= 8U) out += static_cast<char>(bits & 0xffU);
}

// Takes it off the front of `bytes`, which must be long enough.
template <std::integral Integer>
Integer take(std::string_view& bytes) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < sizeof(Integer); ++i) {
    bits |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  bytes.remove_prefix(sizeof(Integer));
  return static_cast<Integer>(bits);
}

}  // namespace sightline::agent
