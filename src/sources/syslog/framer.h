// Cuts a stream of syslog messages apart: one a line, or each behind its length in digits (RFC 6587, octet counting).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "sources/ndjson/line_splitter.h"

namespace sightline::syslog {

// The first bytes of the stream decide which, once and for all: a message cannot pass itself off as a length later on.
// Not thread-safe. Holds at most one message of kMaxLineBytes.
class Framer {
 public:
  struct Frame {
    std::string_view bytes;        // without line break or length; of one that is too long, its start
    std::uint64_t number = 0;      // line, or count of messages, from 1
    std::uint64_t size_bytes = 0;  // its whole length; of a message cut short, what was announced
    bool cut_short = false;        // the input ended within it
    bool bad_length = false;       // a line where a length should stand
  };
  // Bytes are valid during the call.
  using Sink = std::function<void(const Frame&)>;

  void write(std::string_view chunk, const Sink& sink);
  void finish(const Sink& sink);

  // What the stream turned out to be; false also before it is known.
  bool is_counted() const { return mode_ == Mode::counted; }

 private:
  enum class Mode : std::uint8_t { unknown, lines, counted };
  enum class State : std::uint8_t { length, body, bad_line };

  void write_lines(std::string_view chunk, const Sink& sink);
  void write_counted(std::string_view chunk, const Sink& sink);
  void take_length(std::string_view& chunk);
  void take_body(std::string_view& chunk, const Sink& sink);
  void take_bad_line(std::string_view& chunk, const Sink& sink);
  void hand_over(Frame frame, const Sink& sink);

  Mode mode_ = Mode::unknown;
  State state_ = State::length;
  ndjson::LineSplitter lines_;
  std::string held_;              // the stream's first bytes; later digits, body or bad line so far
  std::uint64_t size_bytes_ = 0;  // seen of a bad line
  std::uint64_t announced_ = 0;   // length of the body
  std::uint64_t seen_ = 0;        // of the body
  std::uint64_t number_ = 1;
};

}  // namespace sightline::syslog
