// Where entries end in journald's export format, without holding any of it.
//
//   stream := { entry "\n" }
//   entry  := { NAME "=" text "\n" | NAME "\n" LENGTH data "\n" }      (LENGTH: 64 bits, little endian)
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sightline::journald {

// Not thread-safe.
class ExportScanner {
 public:
  // Takes bytes off the front of `chunk`: up to and with the empty line that ends an entry, or all of them. Returns how
  // many, and sets `ended` where an entry, or an empty line between entries, ends there.
  std::size_t scan(std::string_view chunk, bool& ended);

 private:
  enum class State : std::uint8_t { line_start, name, text, length, data, data_end };

  State state_ = State::line_start;
  std::uint64_t left_ = 0;         // bytes of the data
  std::uint64_t length_ = 0;       // as far as read
  std::uint8_t length_bytes_ = 0;  // of the length, read so far
};

}  // namespace sightline::journald
