// The column of a group of fields: the values of a row as one text, of which a dictionary column has each once.
//
//   group = { value 0x1f }
//
// One value a place of the group, in the form of its kind: a text as in stored_value.h, a boolean as one byte; nothing
// where the row has none. Places without a value at the end are left off. A text with an 0x1f in it does not fit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/clickhouse/schema.h"

namespace sightline::store::clickhouse {

inline constexpr char kValueEnd = '\x1f';
constexpr bool fits_group(std::string_view text) { return text.find(kValueEnd) == std::string_view::npos; }

// Puts the values of a row together. Not thread-safe.
class GroupText {
 public:
  explicit GroupText(std::size_t places) : values_(places) {}

  // False where the value does not fit: the second of the row for that place, or see above. `text` outlives finish().
  bool add_text(std::size_t place, std::string_view text);
  bool add_boolean(std::size_t place, std::int64_t value);

  // The row's text, and the next row begins. Valid until the next finish().
  std::string_view finish();

 private:
  struct Value {
    bool taken = false;
    std::uint8_t boolean = 0;  // stored form
    std::optional<std::string_view> text;
  };
  bool take(std::size_t place);

  std::vector<Value> values_;
  std::size_t used_ = 0;  // places that may be taken
  std::string text_;
};

// Takes the next value, in stored form, off a group's text; empty where there is none left.
std::string_view take_group_value(std::string_view& text);

// SQL: what the column of the field would hold if it were its own.
std::string column_sql(const FieldColumn& column);

}  // namespace sightline::store::clickhouse
