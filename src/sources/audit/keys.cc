#include "sources/audit/keys.h"

#include <array>
#include <cstring>
#include <string>

#include "event/field.h"

namespace sightline::audit {

namespace {

constexpr std::size_t kSlotCount = 1024;  // a power of two, several times the number of keys

std::size_t slot_of(std::string_view name) {
  std::uint64_t first = 0;
  if (name.size() >= sizeof first) {
    std::memcpy(&first, name.data(), sizeof first);
  } else {
    for (const char c : name) first = (first << 8) | static_cast<unsigned char>(c);
  }
  first ^= static_cast<std::uint64_t>(name.size()) << 56 ^ static_cast<std::uint64_t>(name.back()) << 48;
  return (first * 0x9E3779B97F4A7C15u) >> 54;  // the upper ten bits: kSlotCount slots
}

class KeyTable {
 public:
  KeyTable() {
#define KEY(identifier, name, encoding, field) put(Key::identifier, Encoding::encoding, Target::field, name);
#include "sources/audit/keys.def"
#undef KEY
  }

  const KeyInfo* find(std::string_view name) const {
    if (name.empty()) return nullptr;
    for (std::size_t slot = slot_of(name);; slot = (slot + 1) % kSlotCount) {
      const KeyInfo& info = slots_[slot];
      if (info.key == Key::other) return nullptr;
      if (info.name == name) return &info;
    }
  }

 private:
  struct Target {
    using enum FieldId;
    static constexpr FieldId none = kNoField;  // NOLINT(readability-identifier-naming): a word of keys.def
  };

  void put(Key key, Encoding encoding, FieldId field, std::string_view name) {
    std::size_t slot = slot_of(name);
    while (slots_[slot].key != Key::other) slot = (slot + 1) % kSlotCount;
    std::string& attribute = attributes_[static_cast<std::size_t>(key)];
    attribute = is_schema_name(name) ? "audit." + std::string(name) : std::string(name);
    const FieldType type = field == kNoField ? FieldType::text : field_info(field).type;
    slots_[slot] = {key, encoding, field, type, name, attribute};
  }

  std::array<KeyInfo, kSlotCount> slots_;
  std::array<std::string, 256> attributes_;
};

}  // namespace

bool is_schema_name(std::string_view name) { return find_field(name) != nullptr || find_alias(name) != nullptr; }

const KeyInfo* find_key(std::string_view name) {
  static const KeyTable table;
  return table.find(name);
}

}  // namespace sightline::audit
