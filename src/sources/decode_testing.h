// Helpers of the tests of any decoder.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "sources/decoder.h"

namespace sightline::sources::testing {

// Decodes the whole input, handed over in chunks of that size.
inline Decoded decode(Decoder& decoder, std::string_view text, std::size_t chunk_size = SIZE_MAX) {
  Decoded out;
  while (!text.empty()) {
    decoder.write(text.substr(0, chunk_size), out);
    text.remove_prefix(std::min(chunk_size, text.size()));
  }
  decoder.finish(out);
  return out;
}

// The only event of an input.
struct OnlyEvent {
  Decoded out;
  const Event& event;

  explicit OnlyEvent(Decoded decoded) : out(std::move(decoded)), event(out.events.events().at(0)) {
    EXPECT_EQ(out.events.size(), 1U);
    EXPECT_EQ(out.rejected_count, 0U);
  }

  std::string text(FieldId field) const { return std::string(event.text(field).value_or("(null)")); }
  std::string at(std::string_view path) const {
    for (const Attribute& attribute : event.attributes()) {
      if (attribute.path == path) return std::string(attribute.text);
    }
    return "(null)";
  }
};

}  // namespace sightline::sources::testing
