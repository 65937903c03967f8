// What a source hands over and the server is sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace sightline::agent {

struct Batch {
  std::string source;         // whose cursor it moves, for example "audit"
  std::string format;         // the path below /v1/ingest/, for example "auditd"
  std::uint64_t events = 0;   // in it
  std::int64_t first_ms = 0;  // of its events, since the Unix epoch
  std::int64_t last_ms = 0;   // of its events
  std::string cursor;         // where the source goes on after it; opaque
  std::string body;           // as it is sent

  bool operator==(const Batch&) const = default;
};

inline constexpr std::size_t kMaxSourceBytes = 64;  // at least one
inline constexpr std::size_t kMaxFormatBytes = 32;
inline constexpr std::size_t kMaxCursorBytes = 4'096;
inline constexpr std::size_t kMaxBodyBytes = 16UL << 20U;
inline constexpr std::size_t kMaxSources = 64;

}  // namespace sightline::agent
