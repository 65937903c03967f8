#include "event/field.h"

#include <array>
#include <initializer_list>
#include <unordered_map>

namespace sightline {
namespace {

constexpr std::array<FieldInfo, kFieldCount> kFields{{
#define FIELD(number, identifier, name, type, cardinality, group, meaning) \
  {FieldId::identifier, number, name, FieldType::type, FieldCardinality::cardinality, FieldGroup::group, meaning},
#include "event/fields.def"
#undef FIELD
}};

constexpr bool numbers_are_distinct() {
  std::array<bool, 256> taken{};
  for (const FieldInfo& field : kFields) {
    if (field.number == 0 || taken[field.number]) return false;
    taken[field.number] = true;
  }
  return true;
}
static_assert(numbers_are_distinct(), "two fields of fields.def have the same number");

// The targets of all aliases, each list a static array of its own.
template <FieldId... ids>
constexpr std::array<FieldId, sizeof...(ids)> kTargets{ids...};

using enum FieldId;
constexpr AliasInfo kAliases[] = {
#define ALIAS(name, ...) {name, kTargets<__VA_ARGS__>},
#include "event/aliases.def"
#undef ALIAS
};

template <class Info>
std::unordered_map<std::string_view, const Info*> index_by_name(std::span<const Info> infos) {
  std::unordered_map<std::string_view, const Info*> index;
  for (const Info& info : infos) index.emplace(info.name, &info);
  return index;
}

}  // namespace

std::span<const FieldInfo> all_fields() { return kFields; }
std::span<const AliasInfo> all_aliases() { return kAliases; }

const FieldInfo& field_info(FieldId id) { return kFields.at(static_cast<std::size_t>(id)); }

const FieldInfo* find_field(std::string_view name) {
  static const auto index = index_by_name(all_fields());
  const auto found = index.find(name);
  return found == index.end() ? nullptr : found->second;
}

const AliasInfo* find_alias(std::string_view name) {
  static const auto index = index_by_name(all_aliases());
  const auto found = index.find(name);
  return found == index.end() ? nullptr : found->second;
}

std::string_view to_string(FieldType type) {
  switch (type) {
    case FieldType::text:
      return "text";
    case FieldType::integer:
      return "integer";
    case FieldType::boolean:
      return "boolean";
    case FieldType::time:
      return "time";
    case FieldType::event_id:
      return "event id";
  }
  return "?";
}

std::string_view to_string(FieldGroup group) {
  switch (group) {
    case FieldGroup::common:
      return "common";
    case FieldGroup::host:
      return "host";
    case FieldGroup::process:
      return "process";
    case FieldGroup::network:
      return "network";
    case FieldGroup::file:
      return "file";
    case FieldGroup::login:
      return "login";
    case FieldGroup::log:
      return "log";
    case FieldGroup::cloudtrail:
      return "cloudtrail";
    case FieldGroup::kubernetes:
      return "kubernetes";
    case FieldGroup::windows:
      return "windows";
  }
  return "?";
}

}  // namespace sightline
