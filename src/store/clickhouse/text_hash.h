// A fast hash of text for tables in memory. Not stable across versions, not for security.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace sightline::store::clickhouse {

inline std::uint64_t combine_hashes(std::uint64_t left, std::uint64_t right) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(left ^ 0x9E3779B97F4A7C15) * (right ^ 0xD1B54A32D192ED03);
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

inline std::uint64_t hash_text(std::string_view text) {
  const auto load = [](const char* bytes, std::size_t size) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, size);
    return word;
  };
  std::uint64_t hash = text.size();
  const char* bytes = text.data();
  std::size_t rest = text.size();
  for (; rest >= 16; bytes += 16, rest -= 16) {
    hash = combine_hashes(hash ^ load(bytes, 8), load(bytes + 8, 8));
  }
  if (rest > 8) return combine_hashes(hash ^ load(bytes, 8), load(bytes + 8, rest - 8));
  return combine_hashes(hash ^ load(bytes, rest), rest);
}

}  // namespace sightline::store::clickhouse
