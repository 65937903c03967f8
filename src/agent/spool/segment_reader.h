// Finds and reads the frames of one segment, past whatever is damaged.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "agent/spool/frame.h"
#include "base/descriptor.h"
#include "base/error.h"

namespace sightline::agent {

// Bytes that the disk cannot read, or that are no longer in the file, count as zeros, and so as damaged. Memory: what a
// frame may hold. Errors of all: unavailable. Not thread-safe.
class SegmentReader {
 public:
  // Errors: also not_found.
  static Result<SegmentReader> open(std::filesystem::path file, const FrameSeal& seal);

  struct Found {
    FrameHead head;
    std::uint64_t offset = 0;
    bool whole = true;  // false: the frame would reach past `end`
  };
  // The first head at or after `offset` and wholly before `end`.
  Result<std::optional<Found>> find_head(std::uint64_t offset, std::uint64_t end) const;

  struct Range {
    std::uint64_t offset = 0;
    std::uint64_t end = 0;
    std::uint64_t first_sequence = 0;
    std::uint64_t limit = UINT64_MAX;  // sequences are below it
  };
  // The first whole frame in there with such a sequence.
  Result<std::optional<Found>> find(Range range) const;

  // The batch without its body. Nothing where its names are damaged.
  Result<std::optional<Batch>> read_names(const Found& found) const;
  // Nothing where its body is damaged.
  Result<std::optional<std::string>> read_body(const Found& found) const;
  // Where to look for the next frame: the end of this one, or the end of what of it is as its head says.
  Result<std::uint64_t> offset_after(const Found& found) const;
  // The sequence of the trailer that ends at `end`.
  Result<std::optional<std::uint64_t>> trailer_before(std::uint64_t end) const;

  // Exactly so many bytes.
  Result<std::string> read(std::uint64_t offset, std::uint64_t size) const;
  // Of the file, now.
  Result<std::uint64_t> size() const;
  // What of it may be in memory only becomes durable.
  Result<void> sync() const;

 private:
  SegmentReader(std::filesystem::path file, Descriptor descriptor, FrameSeal seal)
      : file_(std::move(file)), descriptor_(std::move(descriptor)), seal_(seal) {}

  std::filesystem::path file_;
  Descriptor descriptor_;
  FrameSeal seal_;
};

}  // namespace sightline::agent
