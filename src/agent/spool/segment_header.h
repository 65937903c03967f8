// The beginning of a segment. Each one holds what the spool must not forget, so that the newest is enough to go on:
// who it is (epoch and key), the next sequence, and where every source goes on.
//
//   magic 8, version 4, cursors_size 4, key 16, epoch 8, number 8, first_sequence 8, cursors_check 8, check 8 = 72
//   cursors: of each source_size 1, cursor_size 2, source, cursor
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "agent/spool/keyed_check.h"
#include "base/error.h"

namespace sightline::agent {

using Cursors = std::map<std::string, std::string, std::less<>>;

inline constexpr std::size_t kSegmentHeaderBytes = 72;  // before its cursors
inline constexpr std::uint32_t kSegmentVersion = 1;

struct SegmentHeader {
  SpoolKey key{};
  std::uint64_t epoch = 0;
  std::uint64_t number = 0;
  std::uint64_t first_sequence = 0;  // of the frames in it; what segments before hold from there on is void
  std::uint32_t cursors_size = 0;    // bytes; set by to_bytes()
  std::uint64_t cursors_check = 0;   // set by to_bytes()

  std::uint64_t size() const { return kSegmentHeaderBytes + cursors_size; }
};

std::string to_bytes(SegmentHeader header, const Cursors& cursors);
// `bytes`: from the segment's beginning, kSegmentHeaderBytes of them. Errors: corrupt; conflict (another version of
// the program made it).
Result<SegmentHeader> parse_segment_header(std::string_view bytes);
// `bytes`: cursors_size of them, which follow. Errors: corrupt.
Result<Cursors> parse_cursors(const SegmentHeader& header, std::string_view bytes);

}  // namespace sightline::agent
