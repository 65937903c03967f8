// The field table, from fields.def and aliases.def.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace sightline {

enum class FieldId : std::uint8_t {
#define FIELD(number, identifier, name, type, cardinality, group, meaning) identifier,
#include "event/fields.def"
#undef FIELD
};

inline constexpr std::size_t kFieldCount = 0
#define FIELD(number, identifier, name, type, cardinality, group, meaning) +1
#include "event/fields.def"
#undef FIELD
    ;
static_assert(kFieldCount <= 255, "FieldId is one byte");

enum class FieldType : std::uint8_t { text, integer, boolean, time, event_id };
enum class FieldCardinality : std::uint8_t { one, list };
enum class FieldGroup : std::uint8_t {
  common,
  host,
  process,
  network,
  file,
  login,
  log,
  cloudtrail,
  kubernetes,
  windows
};

struct FieldInfo {
  FieldId id;
  std::uint8_t number;  // from 1; names the field in stored rows, whatever else changes
  std::string_view name;
  FieldType type;
  FieldCardinality cardinality;
  FieldGroup group;
  std::string_view meaning;
};

struct AliasInfo {
  std::string_view name;
  std::span<const FieldId> targets;  // at least one
};

// All fields in schema order; index = static_cast<size_t>(id).
std::span<const FieldInfo> all_fields();
std::span<const AliasInfo> all_aliases();

const FieldInfo& field_info(FieldId id);

// The field of that exact name (case-sensitive), or nullptr. Aliases are not looked at.
const FieldInfo* find_field(std::string_view name);
const AliasInfo* find_alias(std::string_view name);

std::string_view to_string(FieldType type);
std::string_view to_string(FieldGroup group);

}  // namespace sightline
