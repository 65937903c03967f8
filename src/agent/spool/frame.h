// A batch in a segment: head, names (source, format, cursor), body, trailer. Pure: bytes in, bytes out.
//
//   head     72  magic and version 8, sequence 8, events 8, first_ms 8, last_ms 8, body_size 4, cursor_size 2,
//                source_size 1, format_size 1, names_check 8, body_check 8, head_check 8
//   names    as the head says
//   body     as the head says
//   trailer  16  sequence 8, check 8
//
// The head has a check of its own, so that a frame whose body is damaged can be named and skipped, and one that is
// searched for costs no more than 72 bytes wherever something looks like its beginning. The trailer says which batch
// was the last where the last head is damaged, and that a frame ends where its head says without reading its body.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/spool/batch.h"
#include "agent/spool/keyed_check.h"

namespace sightline::agent {

inline constexpr std::string_view kFrameMagic = "SLBATCH\x01";
inline constexpr std::size_t kHeadBytes = 72;
inline constexpr std::size_t kTrailerBytes = 16;
inline constexpr std::size_t kMinFrameBytes = kHeadBytes + 1 + kTrailerBytes;  // a source has a name

// Head and trailer are checked with the number of their segment: blocks of a removed one that turn up in another are
// not taken for its frames.
struct FrameSeal {
  SpoolKey key{};
  std::uint64_t segment = 0;
};

struct FrameHead {
  std::uint64_t sequence = 0;
  std::uint64_t events = 0;
  std::int64_t first_ms = 0;
  std::int64_t last_ms = 0;
  std::uint32_t body_size = 0;
  std::uint16_t cursor_size = 0;
  std::uint8_t source_size = 0;
  std::uint8_t format_size = 0;
  std::uint64_t names_check = 0;
  std::uint64_t body_check = 0;

  std::uint64_t names_bytes() const { return std::uint64_t{source_size} + format_size + cursor_size; }
  std::uint64_t body_offset() const { return kHeadBytes + names_bytes(); }
  std::uint64_t frame_bytes() const { return body_offset() + body_size + kTrailerBytes; }
};

std::uint64_t frame_bytes(const Batch& batch);

// Head and names; the body and the trailer follow. The batch keeps the limits of batch.h.
std::string frame_start(const Batch& batch, std::uint64_t sequence, const FrameSeal& seal);
std::string frame_trailer(std::uint64_t sequence, const FrameSeal& seal);

// `bytes`: at least kHeadBytes. Nothing where they are no head of this segment.
std::optional<FrameHead> parse_head(std::string_view bytes, const FrameSeal& seal);
// The batch without its body; `names`: names_bytes() of them. Nothing where they are damaged.
std::optional<Batch> parse_names(const FrameHead& head, std::string_view names, const FrameSeal& seal);
bool is_body_intact(const FrameHead& head, std::string_view body, const FrameSeal& seal);
// The sequence in these kTrailerBytes. Nothing where they are no trailer of this segment.
std::optional<std::uint64_t> parse_trailer(std::string_view bytes, const FrameSeal& seal);

}  // namespace sightline::agent
