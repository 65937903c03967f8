// The memory that decoded events take, counted while they come.
#pragma once

#include <cstddef>

#include "sources/decoder.h"

namespace sightline::server {

// Not thread-safe. One Decoded, which only grows.
class DecodedSize {
 public:
  // Counts what was added since the last call. Returns the whole, in bytes; an estimate from above for many small
  // events, whose lists leave their earlier, shorter selves behind in the arena.
  std::size_t update(const sources::Decoded& decoded) {
    const std::vector<Event>& events = decoded.events.events();
    for (; counted_events_ < events.size(); ++counted_events_) content_bytes_ += content_of(events[counted_events_]);
    for (; counted_rejected_ < decoded.rejected.size(); ++counted_rejected_) {
      const sources::Rejected& rejected = decoded.rejected[counted_rejected_];
      content_bytes_ += sizeof(rejected) + rejected.bytes.size() + rejected.error.size();
    }
    return content_bytes_ + events.capacity() * sizeof(Event);
  }

 private:
  static constexpr std::size_t kLeftBehind = 2;

  static std::size_t content_of(const Event& event) {
    std::size_t bytes = event.original.size();
    bytes += kLeftBehind * event.fields().capacity() * sizeof(FieldValue);
    bytes += kLeftBehind * event.attributes().capacity() * sizeof(Attribute);
    for (const FieldValue& value : event.fields()) bytes += value.text.size();
    for (const Attribute& attribute : event.attributes()) bytes += attribute.text.size();
    return bytes;
  }

  std::size_t counted_events_ = 0;
  std::size_t counted_rejected_ = 0;
  std::size_t content_bytes_ = 0;
};

}  // namespace sightline::server
