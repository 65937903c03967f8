// Splits a stream into lines of bounded length.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace sightline::ndjson {

// Not thread-safe.
class LineSplitter {
 public:
  struct Line {
    std::string_view bytes;        // without the line break; of a line over kMaxLineBytes, its start
    std::uint64_t number = 0;      // from 1
    std::uint64_t size_bytes = 0;  // its whole length
  };
  // Called for every line, also for empty ones. Bytes are valid during the call.
  using Sink = std::function<void(const Line&)>;

  void write(std::string_view chunk, const Sink& sink);
  // Hands over a last line that has no line break.
  void finish(const Sink& sink);

 private:
  void add(std::string_view part);
  void end_line(std::string_view bytes, std::uint64_t size_bytes, const Sink& sink);

  std::string pending_;             // of a line whose end has not come, up to kMaxLineBytes + 1 bytes
  std::uint64_t pending_size_ = 0;  // its length so far
  std::uint64_t number_ = 1;
};

}  // namespace sightline::ndjson
