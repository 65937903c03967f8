// The table of known keys of audit records (keys.def).
#pragma once

#include <cstdint>
#include <string_view>

#include "event/field.h"

namespace sightline::audit {

enum class Key : std::uint8_t {
  other,
#define KEY(identifier, name, encoding, field) identifier,
#include "sources/audit/keys.def"
#undef KEY
};

enum class Encoding : std::uint8_t { plain, text, hex };

inline constexpr FieldId kNoField{255};

struct KeyInfo {
  Key key = Key::other;
  Encoding encoding = Encoding::plain;
  FieldId field = kNoField;
  FieldType field_type = FieldType::text;
  std::string_view name;
  // Where values without a schema field go: the native name, or "audit." before it where the schema uses that name for
  // something else.
  std::string_view attribute;
};

// nullptr: not in the table.
const KeyInfo* find_key(std::string_view name);

// Whether the schema or its aliases use that name, so that an attribute of that name would be ambiguous.
bool is_schema_name(std::string_view name);

}  // namespace sightline::audit
