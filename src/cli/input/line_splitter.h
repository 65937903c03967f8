// Splits at line ends. See batch_splitter.h.
#pragma once

#include "cli/input/batch_splitter.h"

namespace sightline::cli {

class LineSplitter final : public BatchSplitter {
 public:
  // keep_audit_events: a batch ends where no audit event is open (records of one event carry the same time and serial,
  // and may be interleaved with others'), if there is such a place in the batch.
  LineSplitter(std::size_t max_bytes, bool keep_audit_events, std::uint64_t first_line = 1,
               std::uint64_t first_byte = 0);

  void write(std::string_view bytes, std::vector<SplitBatch>& out) override;
  void pause(std::vector<SplitBatch>& out) override;
  void finish(std::vector<SplitBatch>& out) override;

  // The line whose end has not come, as far as it was kept.
  std::string_view unfinished() const { return std::string_view(pending_).substr(line_begin_); }
  // Where it begins in the input, once pause() has handed on what is before it.
  std::uint64_t first_line() const { return first_line_; }
  std::uint64_t first_byte() const { return first_byte_; }

 private:
  struct Line {
    std::size_t end;         // offset in pending_ behind its line feed
    std::uint64_t end_byte;  // of the input
    std::uint64_t event;     // hash of the audit event's host, time and serial; 0: none
  };

  void end_line();
  bool has_more_than_a_batch() const;
  void cut(std::size_t lines, std::vector<SplitBatch>& out);
  std::size_t lines_to_cut() const;

  std::size_t max_bytes_;
  std::size_t look_ahead_bytes_;
  bool keep_audit_events_;
  std::uint64_t first_line_;    // of pending_
  std::uint64_t first_byte_;    // of pending_
  std::uint64_t read_bytes_;    // of the input
  std::string pending_;         // complete lines, then the one being read
  std::vector<Line> lines_;     // the complete ones
  std::size_t line_begin_ = 0;  // of the one being read
};

}  // namespace sightline::cli
