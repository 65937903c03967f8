// Makes a segment and appends frames to it.
#pragma once

#include <cstdint>
#include <filesystem>

#include "agent/spool/batch.h"
#include "agent/spool/frame.h"
#include "agent/spool/segment_header.h"
#include "base/descriptor.h"
#include "base/error.h"

namespace sightline::agent {

// Not thread-safe.
class SegmentWriter {
 public:
  // Durable, with no frame in it. Errors: unavailable (there is no such segment).
  static Result<SegmentWriter> create(const std::filesystem::path& folder, const SegmentHeader& header,
                                      const Cursors& cursors);

  // Durable when it returns. Errors: unavailable; the frame is cut off again as far as the disk lets us.
  Result<void> append(const Batch& batch, std::uint64_t sequence);
  // False after a failure that leaves open what is on disk: the segment is given up.
  bool usable() const { return usable_; }
  // Of header and frames.
  std::uint64_t size() const { return size_; }

 private:
  SegmentWriter(std::filesystem::path file, Descriptor descriptor, FrameSeal seal, std::uint64_t size)
      : file_(std::move(file)), descriptor_(std::move(descriptor)), seal_(seal), size_(size) {}
  Result<void> write_frame(const Batch& batch, std::uint64_t sequence);
  bool cut_back();

  std::filesystem::path file_;
  Descriptor descriptor_;  // its position is size_
  FrameSeal seal_;
  std::uint64_t size_;
  bool usable_ = true;
};

}  // namespace sightline::agent
