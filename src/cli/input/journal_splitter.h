// Splits journald's output between entries: at line ends for JSON, behind empty lines for the export format, whose
// values may hold line feeds. See batch_splitter.h.
#pragma once

#include "cli/input/batch_splitter.h"
#include "cli/input/line_splitter.h"
#include "sources/journald/export_scanner.h"

namespace sightline::cli {

class JournalSplitter final : public BatchSplitter {
 public:
  explicit JournalSplitter(std::size_t max_bytes) : max_bytes_(max_bytes), lines_(max_bytes, false) {}

  void write(std::string_view bytes, std::vector<SplitBatch>& out) override;
  void pause(std::vector<SplitBatch>& out) override;
  void finish(std::vector<SplitBatch>& out) override;

 private:
  enum class Mode : std::uint8_t { unknown, json, exported };

  void write_exported(std::string_view bytes, std::vector<SplitBatch>& out);
  void end_entry(std::vector<SplitBatch>& out);
  void cut(std::size_t size, std::uint64_t lines, std::vector<SplitBatch>& out);

  std::size_t max_bytes_;
  Mode mode_ = Mode::unknown;
  LineSplitter lines_;  // of JSON
  journald::ExportScanner scanner_;
  std::string pending_;             // whole entries, then the one being read: of one that is too long, its start
  std::size_t entry_begin_ = 0;     // of the one being read, in pending_
  std::uint64_t first_line_ = 1;    // of pending_
  std::int64_t first_byte_ = 0;     // of pending_, in the input
  std::int64_t dropped_bytes_ = 0;  // of the entry being read: what is over the limit
  std::size_t whole_entries_ = 0;
  std::uint64_t whole_lines_ = 0;  // of the whole entries
  std::uint64_t entry_lines_ = 0;  // of the one being read
};

}  // namespace sightline::cli
