#include "sources/journald/export_scanner.h"

#include <algorithm>

namespace sightline::journald {

std::size_t ExportScanner::scan(std::string_view chunk, bool& ended) {
  ended = false;
  std::size_t at = 0;
  while (at < chunk.size()) {
    const char c = chunk[at];
    switch (state_) {
      case State::line_start:
        ++at;
        if (c == '\n') {
          ended = true;
          return at;
        }
        state_ = c == '=' ? State::text : State::name;
        break;
      case State::name:
        ++at;
        if (c == '=') state_ = State::text;
        if (c == '\n') state_ = State::length;
        break;
      case State::text:
        at = std::min(chunk.find('\n', at), chunk.size());
        if (at == chunk.size()) return at;
        ++at;
        state_ = State::line_start;
        break;
      case State::length:
        ++at;
        length_ |= std::uint64_t{static_cast<unsigned char>(c)} << (8 * length_bytes_);
        if (++length_bytes_ < 8) break;
        left_ = length_;
        length_ = 0;
        length_bytes_ = 0;
        state_ = left_ == 0 ? State::data_end : State::data;
        break;
      case State::data: {
        const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(left_, chunk.size() - at));
        at += taken;
        left_ -= taken;
        if (left_ == 0) state_ = State::data_end;
        break;
      }
      case State::data_end:
        ++at;
        state_ = c == '\n' ? State::line_start : State::text;  // broken: on to the next line
        break;
    }
  }
  return at;
}

}  // namespace sightline::journald
