// The column `structure`: how an event is built, of which there are few kinds. One text, which a dictionary column has
// once:
//
//   word_keys 0xff text_keys 0xff size(layout) layout shape
//
// The keys are those of attribute_keys.h, of the values in the columns `words` and `texts`; no byte of theirs is 0xff.
// The layout is that of schema.h, the shape that of shape.h.
#pragma once

#include <string>
#include <string_view>

namespace sightline::store::clickhouse {

struct Structure {
  std::string_view word_keys;
  std::string_view text_keys;
  std::string_view layout;
  std::string_view shape;
};

// Into `out`, which is cleared before.
void write_structure(const Structure& structure, std::string& out);

// False where the text is not one that write_structure() makes.
bool read_structure(std::string_view text, Structure& structure);

// SQL: the keys. The engine runs this once per distinct structure.
inline constexpr std::string_view kWordKeysSql = "substringIndex(structure, '\\xff', 1)";
inline constexpr std::string_view kTextKeysSql = "substringIndex(substringIndex(structure, '\\xff', 2), '\\xff', -1)";

}  // namespace sightline::store::clickhouse
