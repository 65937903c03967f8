#include "store/clickhouse/native_column.h"

#include <cstring>

#include "store/clickhouse/text_hash.h"

namespace sightline::store::clickhouse {
namespace {

constexpr std::size_t kFirstSlots = 64;  // a power of two

template <class Index>
void append_indexes(std::string& out, const std::vector<std::uint32_t>& indexes) {
  std::string packed(indexes.size() * sizeof(Index), '\0');
  char* to = packed.data();
  for (const std::uint32_t index : indexes) {
    const auto narrow = static_cast<Index>(index);
    std::memcpy(to, &narrow, sizeof narrow);
    to += sizeof narrow;
  }
  out += packed;
}

}  // namespace

void append_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}

void append_text(std::string& out, std::string_view text) {
  append_varint(out, text.size());
  out += text;
}

void StringColumn::add(std::string_view value) {
  append_text(bytes_, value);
  ++rows_;
}

void StringColumn::pad(std::size_t rows) {
  if (rows <= rows_) return;
  bytes_.append(rows - rows_, '\0');
  rows_ = rows;
}

DictionaryColumn::DictionaryColumn()
    : slots_(kFirstSlots), keys_{""}, memory_(std::make_unique<std::pmr::monotonic_buffer_resource>(1024)) {}

bool DictionaryColumn::add(std::string_view value) {
  if (value.empty()) {
    indexes_.push_back(0);
    return false;
  }
  const std::uint64_t hash = hash_text(value);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = hash & mask;; i = (i + 1) & mask) {
    const Slot& slot = slots_[i];
    if (slot.key == 0) break;
    if (slot.hash == hash && keys_[slot.key] == value) {
      indexes_.push_back(slot.key);
      return false;
    }
  }
  indexes_.push_back(insert(value, hash));
  return true;
}

std::uint32_t DictionaryColumn::insert(std::string_view value, std::uint64_t hash) {
  if (keys_.size() * 2 > slots_.size()) grow();
  char* copy = static_cast<char*>(memory_->allocate(value.size(), 1));
  std::memcpy(copy, value.data(), value.size());
  const auto key = static_cast<std::uint32_t>(keys_.size());
  keys_.emplace_back(copy, value.size());
  const std::size_t mask = slots_.size() - 1;
  std::size_t i = hash & mask;
  while (slots_[i].key != 0) i = (i + 1) & mask;
  slots_[i] = {hash, key};
  return key;
}

void DictionaryColumn::grow() {
  std::vector<Slot> old(slots_.size() * 4);
  old.swap(slots_);
  const std::size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.key == 0) continue;
    std::size_t i = slot.hash & mask;
    while (slots_[i].key != 0) i = (i + 1) & mask;
    slots_[i] = slot;
  }
}

void DictionaryColumn::prefix(std::string& out) {
  append_fixed<std::uint64_t>(out, 1);  // version: shared dictionaries with additional keys
}

void DictionaryColumn::finish(std::string& out) const {
  constexpr std::uint64_t kAdditionalKeys = 1U << 9;
  constexpr std::uint64_t kUpdateDictionary = 1U << 10;
  const std::uint64_t width = keys_.size() <= 0x100 ? 0 : keys_.size() <= 0x10000 ? 1 : 2;
  append_fixed<std::uint64_t>(out, width | kAdditionalKeys | kUpdateDictionary);
  append_fixed<std::uint64_t>(out, keys_.size());
  for (const std::string_view key : keys_) append_text(out, key);
  append_fixed<std::uint64_t>(out, indexes_.size());
  if (width == 0) {
    append_indexes<std::uint8_t>(out, indexes_);
  } else if (width == 1) {
    append_indexes<std::uint16_t>(out, indexes_);
  } else {
    append_indexes<std::uint32_t>(out, indexes_);
  }
}

}  // namespace sightline::store::clickhouse
