// The table of known keys of audit records (keys.def).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "event/field.h"

namespace sightline::audit {

enum class Key : std::uint8_t {
  other,  // not in the table
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

Key find_key(std::string_view name);

// The same, faster, where kReadableKeySize bytes from the start of `name` can be read, whatever they are.
Key find_readable_key(std::string_view name);
inline constexpr std::size_t kReadableKeySize = 16;

// By key; Key::other has no name and no attribute.
extern const std::array<KeyInfo, 256> kKeyInfos;
inline const KeyInfo& key_info(Key key) { return kKeyInfos[static_cast<std::size_t>(key)]; }

// Whether the schema or its aliases use that name, so that an attribute of that name would be ambiguous.
bool is_schema_name(std::string_view name);

}  // namespace sightline::audit
