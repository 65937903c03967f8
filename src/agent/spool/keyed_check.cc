#include "agent/spool/keyed_check.h"

#include <sodium.h>

#include "agent/spool/little_endian.h"
#include "base/clock.h"

namespace sightline::agent {

std::uint64_t keyed_check(const SpoolKey& key, std::string_view bytes) {
  static_assert(crypto_shorthash_KEYBYTES == std::tuple_size_v<SpoolKey>);
  std::array<unsigned char, crypto_shorthash_BYTES> hash{};
  crypto_shorthash(hash.data(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), key.data());
  std::string_view text(reinterpret_cast<const char*>(hash.data()), hash.size());
  return take<std::uint64_t>(text);
}

SpoolKey draw_key() {
  SpoolKey key{};
  randombytes_buf(key.data(), key.size());
  return key;
}

std::uint64_t draw_epoch() {
  constexpr unsigned kRandomBits = 20;
  constexpr std::uint64_t kTimeMask = (1ULL << 43U) - 1;
  const std::uint64_t time = static_cast<std::uint64_t>(SystemClock().now_ms()) & kTimeMask;
  return time << kRandomBits | randombytes_uniform(1U << kRandomBits);
}

}  // namespace sightline::agent
