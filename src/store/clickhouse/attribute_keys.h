// Attribute paths by number: what stands in the columns instead of their names.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "event/event.h"

namespace sightline::store::clickhouse {

// A path together with the kind of its values (stored_value.h writes it as one text).
struct AttributeKey {
  std::string name;       // as to_attribute_key writes it
  bool in_words = false;  // some event has its value in the column `words`
  bool in_texts = false;  // … in the column `texts`
  bool repeated = false;  // some event has several values of it
};

// Number i is key i. Numbers are never given twice. Memory is bounded: senders choose the names. Not thread-safe where
// not const.
class AttributeKeys {
 public:
  static constexpr std::size_t kMax = 100'000;
  static constexpr std::size_t kMaxNameBytes = 4096;     // of a name with a number
  static constexpr std::size_t kMaxBytes = 16ULL << 20;  // of all names
  static constexpr std::uint32_t kNone = UINT32_MAX;

  explicit AttributeKeys(std::size_t max = kMax) : max_(max) {}

  // kNone where the key is not known.
  std::uint32_t find(std::string_view name) const;
  // Adds the key; kNone where there is no room.
  std::uint32_t find_or_add(std::string_view name);
  // Takes over a key that was stored under that number. False where the number is out of range.
  bool restore(std::uint32_t number, std::string_view name);

  const AttributeKey& operator[](std::uint32_t number) const { return keys_[number]; }
  AttributeKey& operator[](std::uint32_t number) { return keys_[number]; }
  std::size_t size() const { return keys_.size(); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::size_t max_;
  std::size_t bytes_ = 0;
  std::vector<AttributeKey> keys_;
  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> numbers_;
};

// A row's keys are a text of four bytes each, in the order of the values. Only the first of the four has its high bit
// set, so a key is never found across two others.
inline constexpr std::size_t kKeyBytes = 4;
std::string key_bytes(std::uint32_t number);
// kNone where the bytes are none of key_bytes().
std::uint32_t key_number(std::string_view bytes);

}  // namespace sightline::store::clickhouse
