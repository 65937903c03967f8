// The modifiers of a Sigma field, `field|modifier|modifier`, in the order they are applied.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace sightline::detect::sigma {

enum class Modifier : std::uint8_t {
  all,
  startswith,
  endswith,
  contains,
  exists,
  cased,
  neq,
  windash,
  re,
  i,
  m,
  s,
  base64,
  base64offset,
  utf16le,
  utf16be,
  utf16,
  lt,
  lte,
  gt,
  gte,
  minute,
  hour,
  day,
  week,
  month,
  year,
  cidr,
  expand,
  fieldref,
};
std::string_view to_string(Modifier modifier);
// As rules write them; `wide` is another name for utf16le.
std::vector<std::string_view> modifier_names();

struct ModifierMistake {
  std::string message;
  std::string hint;
};

struct FieldKey {
  std::string field;  // empty: the whole event, as of `|all` under keywords
  std::vector<Modifier> modifiers;

  bool has(Modifier modifier) const;
  // Regular expressions, networks, orders and parts of a time: backslashes and wildcards mean nothing of Sigma's.
  bool compares_text_as_it_is() const;
  bool asks_part_of_time() const;
};

// `key` as written. Refuses unknown modifiers, and those that contradict each other.
std::expected<FieldKey, ModifierMistake> parse_field_key(std::string_view key);

}  // namespace sightline::detect::sigma
