#include "sources/audit/keys.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <iterator>

#include "event/field.h"

namespace sightline::audit {

namespace {

constexpr std::size_t kMaxNameSize = 15;

#define KEY(identifier, name, encoding, field) static_assert(std::string_view(name).size() <= kMaxNameSize);
#include "sources/audit/keys.def"
#undef KEY

using Block = std::array<char, kReadableKeySize>;

// A name as numbers: its bytes, zeroes, and its size as the last byte. Made and compared without a branch that would
// depend on the size.
struct Fingerprint {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  bool operator==(const Fingerprint&) const = default;
};
static_assert(sizeof(Block) == sizeof(Fingerprint) && std::endian::native == std::endian::little);

// By size, the bits that are the name's.
constexpr auto kNameMasks = [] {
  std::array<Fingerprint, kMaxNameSize + 1> masks;
  for (std::size_t size = 0; size < masks.size(); ++size) {
    Block mask{};
    std::fill_n(mask.begin(), size, static_cast<char>(0xff));
    masks[size] = std::bit_cast<Fingerprint>(mask);
  }
  return masks;
}();

// Of the first `size` bytes, at most kMaxNameSize.
constexpr Fingerprint make_fingerprint(const Fingerprint& block, std::size_t size) {
  const Fingerprint& mask = kNameMasks[size];
  return {block.low & mask.low, (block.high & mask.high) | static_cast<std::uint64_t>(size) << 56};
}

constexpr Fingerprint make_fingerprint(std::string_view name) {
  Block block{};
  std::ranges::copy(name, block.begin());
  return make_fingerprint(std::bit_cast<Fingerprint>(block), name.size());
}

struct KeyTable {
  static constexpr std::size_t kSlotCount = 1024;  // a power of two, several times the number of keys

  std::array<Key, kSlotCount> slots{};
  std::array<Fingerprint, 256> names{};  // by key

  constexpr KeyTable() {
#define KEY(identifier, name, encoding, field) put(Key::identifier, make_fingerprint(name));
#include "sources/audit/keys.def"
#undef KEY
  }

  constexpr Key find(const Fingerprint& name) const {
    for (std::size_t slot = slot_of(name);; slot = (slot + 1) % kSlotCount) {
      const Key key = slots[slot];
      if (key == Key::other || names[static_cast<std::size_t>(key)] == name) return key;
    }
  }

  constexpr void put(Key key, const Fingerprint& name) {
    std::size_t slot = slot_of(name);
    while (slots[slot] != Key::other) slot = (slot + 1) % kSlotCount;
    slots[slot] = key;
    names[static_cast<std::size_t>(key)] = name;
  }

  static constexpr std::size_t slot_of(const Fingerprint& name) {
    return ((name.low ^ std::rotl(name.high, 24)) * 0x9E3779B97F4A7C15u) >> 54;  // the upper ten bits
  }
};
constexpr KeyTable kTable;

constexpr std::string_view kSchemaNames[] = {
#define FIELD(number, identifier, name, type, cardinality, group, meaning) name,
#include "event/fields.def"
#undef FIELD
#define ALIAS(name, ...) name,
#include "event/aliases.def"
#undef ALIAS
};

constexpr FieldType kFieldTypes[] = {
#define FIELD(number, identifier, name, type, cardinality, group, meaning) FieldType::type,
#include "event/fields.def"
#undef FIELD
};

struct Target {
  using enum FieldId;
  static constexpr FieldId none = kNoField;  // NOLINT(readability-identifier-naming): a word of keys.def
};

constexpr KeyInfo make_info(Key key, Encoding encoding, FieldId field, std::string_view name,
                            std::string_view qualified_name) {
  const FieldType type = field == kNoField ? FieldType::text : kFieldTypes[static_cast<std::size_t>(field)];
  const bool taken = std::ranges::find(kSchemaNames, name) != std::end(kSchemaNames);
  return {key, encoding, field, type, name, taken ? qualified_name : name};
}

}  // namespace

bool is_schema_name(std::string_view name) { return find_field(name) != nullptr || find_alias(name) != nullptr; }

Key find_key(std::string_view name) {
  return name.size() > kMaxNameSize ? Key::other : kTable.find(make_fingerprint(name));
}

Key find_readable_key(std::string_view name) {
  if (name.size() > kMaxNameSize) return Key::other;
  Fingerprint block;
  std::memcpy(&block, name.data(), sizeof block);
  return kTable.find(make_fingerprint(block, name.size()));
}

constinit const std::array<KeyInfo, 256> kKeyInfos = {
    KeyInfo{},
#define KEY(identifier, name, encoding, field) \
  make_info(Key::identifier, Encoding::encoding, Target::field, name, "audit." name),
#include "sources/audit/keys.def"
#undef KEY
};

}  // namespace sightline::audit
