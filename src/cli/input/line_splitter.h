// Splits at line ends. See batch_splitter.h.
#pragma once

#include "cli/input/batch_splitter.h"

namespace sightline::cli {

class LineSplitter final : public BatchSplitter {
 public:
  // keep_audit_events: a batch ends where no audit event is open (records of one event carry the same time and serial,
  // and may be interleaved with others'), if there is such a place in the batch.
  LineSplitter(std::size_t max_bytes, bool keep_audit_events, std::uint64_t first_line = 1);

  void write(std::string_view bytes, std::vector<SplitBatch>& out) override;
  void pause(std::vector<SplitBatch>& out) override;
  void finish(std::vector<SplitBatch>& out) override;

 private:
  struct Line {
    std::size_t end;      // offset in pending_ behind its line feed
    std::uint64_t event;  // hash of the audit event's time and serial; 0: none
  };

  void end_line();
  void cut(std::size_t lines, std::vector<SplitBatch>& out);
  std::size_t lines_to_cut() const;

  std::size_t max_bytes_;
  std::size_t look_ahead_bytes_;
  bool keep_audit_events_;
  std::uint64_t first_line_;    // of pending_
  std::string pending_;         // complete lines, then the one being read
  std::vector<Line> lines_;     // the complete ones
  std::size_t line_begin_ = 0;  // of the one being read
};

}  // namespace sightline::cli
