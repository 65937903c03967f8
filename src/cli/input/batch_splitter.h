// Splits an input into request bodies of bounded size that can be decoded one by one: never inside a line, an audit
// event's records, or a JSON object that is an event.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sources/formats/formats.h"

namespace sightline::cli {

struct SplitBatch {
  std::string body;
  std::uint64_t first_line = 1;  // the line of the input that the body's first line is, or is the end of
  std::int64_t first_byte = 0;   // byte n of the body is byte first_byte + n of the input; below 0 where text was added
};

// However small they are: the server bounds the memory that the events of one request take once decoded.
inline constexpr std::size_t kMaxBatchRecords = 200'000;

// Memory: about twice the size of a batch, however long a line is. Something longer than any decoder takes
// (sources::kMaxLineBytes) is handed on cut just above that limit, in a body of its own if need be: the server refuses
// it by line, and so it is counted and named like any other input that cannot be decoded. Not thread-safe.
class BatchSplitter {
 public:
  virtual ~BatchSplitter() = default;
  // Takes input in any pieces and appends the bodies that are complete.
  virtual void write(std::string_view bytes, std::vector<SplitBatch>& out) = 0;
  // The input pauses: appends what can be sent without cutting anything in two.
  virtual void pause(std::vector<SplitBatch>& out) = 0;
  // The input ends: appends all that is left.
  virtual void finish(std::vector<SplitBatch>& out) = 0;
};

// Bodies are at most `max_bytes` long, of at most kMaxBatchRecords lines or records, where the input has a place to
// split.
std::unique_ptr<BatchSplitter> make_splitter(sources::Format format, std::size_t max_bytes);

}  // namespace sightline::cli
