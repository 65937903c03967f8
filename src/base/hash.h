// SHA-256 (OpenSSL) and the text forms of bytes.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sightline {

using Sha256Digest = std::array<std::uint8_t, 32>;

// Incremental SHA-256. Not thread-safe.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  Sha256& update(std::string_view bytes);
  // Eight bytes, least significant first.
  Sha256& update_u64(std::uint64_t value);
  // The length as eight bytes, then the bytes: two different sequences of fields never hash alike.
  Sha256& update_framed(std::string_view bytes);
  // Ends the hash; the object may not be used afterwards.
  Sha256Digest finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

Sha256Digest sha256(std::string_view bytes);

// Lower-case hexadecimal.
std::string to_hex(std::span<const std::uint8_t> bytes);
// Accepts both cases; nullopt on an odd length or any other character.
std::optional<std::string> from_hex(std::string_view text);
// The digest in 64 such digits.
std::optional<Sha256Digest> parse_digest(std::string_view text);

}  // namespace sightline
