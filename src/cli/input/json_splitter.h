// Splits JSON between records, whatever holds them: {"Records":[…]}, an array, one object a line. See
// batch_splitter.h.
#pragma once

#include <optional>
#include <string>

#include "cli/input/batch_splitter.h"
#include "cli/input/line_splitter.h"

namespace sightline::cli {

// A body that starts or ends within a document's list of records gets the list's brackets added, so that it is a
// document of its own.
class JsonSplitter final : public BatchSplitter {
 public:
  JsonSplitter(std::size_t max_bytes, std::string list_key) : max_bytes_(max_bytes), list_key_(std::move(list_key)) {}

  void write(std::string_view bytes, std::vector<SplitBatch>& out) override;
  void pause(std::vector<SplitBatch>& out) override;
  void finish(std::vector<SplitBatch>& out) override;

 private:
  // What surrounds the place where a record begins.
  enum class Within : std::uint8_t { nothing, array, records };

  // A place in pending_ where a record begins.
  struct Place {
    std::size_t offset = 0;
    std::uint64_t line = 1;
    Within within = Within::nothing;
    std::uint64_t byte = 0;  // of the input
  };

  std::size_t write_line(std::string_view bytes, std::vector<SplitBatch>& out);
  void begin_long_line(std::vector<SplitBatch>& out);
  void end_long_line(std::vector<SplitBatch>& out);
  void start_afresh();
  void scan(char c, std::vector<SplitBatch>& out);
  void end_line(std::vector<SplitBatch>& out);
  void scan_in_string(char c);
  void scan_structure(char c);
  std::optional<Within> record_begins(char c) const;
  void begin_record(Within within, std::vector<SplitBatch>& out);
  void cut_at(const Place& place, std::vector<SplitBatch>& out);
  void send_rest(std::vector<SplitBatch>& out);
  void keep(char c);

  std::size_t max_bytes_;
  std::string list_key_;               // of the list in a document, e.g. Records
  std::optional<LineSplitter> lines_;  // takes over once the input is known to have one document a line
  bool long_line_ = false;             // of such an input, the line being read is split between records

  std::string pending_;
  Place begin_;                // of pending_; its offset is 0
  std::optional<Place> last_;  // the last record's begin, if behind begin_
  std::size_t record_begin_ = 0;
  std::size_t records_ = 0;  // in pending_ before the one being read
  bool truncated_ = false;   // pending_ ends in a record that is cut
  std::uint64_t line_ = 1;
  std::uint64_t byte_ = 0;  // of the input, the next one

  std::size_t depth_ = 0;
  char outermost_ = 0;       // '{' or '['
  bool in_records_ = false;  // the container at depth 2 is the list of list_key_
  bool in_string_ = false;
  bool escaped_ = false;
  std::string key_;    // the last string at depth 1
  char previous_ = 0;  // the last character that is no space, outside strings
  std::uint64_t document_line_ = 1;
  bool layout_known_ = false;  // whether documents stand on one line each
};

}  // namespace sightline::cli
