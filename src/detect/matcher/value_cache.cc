#include "detect/matcher/value_cache.h"

#include <algorithm>
#include <cstring>

namespace sightline::detect {
namespace {

constexpr std::uint16_t kAskedBeforeJudging = 2048;
constexpr std::uint16_t kFoundToGoOn = kAskedBeforeJudging / 8;
constexpr std::uint32_t kPause = 32768;

std::uint64_t mixed(std::uint64_t hash, std::uint32_t table) {
  return (hash ^ (table * 0xD6E8FEB86659FD93ULL)) * 0x9E3779B97F4A7C15ULL;
}

}  // namespace

bool ValueCache::pauses(Usefulness& use) const {
  if (use.pause > 0) {
    --use.pause;
    return true;
  }
  if (++use.asked == kAskedBeforeJudging) {
    if (use.found < kFoundToGoOn) use.pause = kPause;
    use.asked = 0;
    use.found = 0;
  }
  return false;
}

bool ValueCache::holds(const Slot& slot, std::uint64_t hash, std::uint32_t table, std::string_view value) {
  return slot.hash == hash && slot.table == table && slot.data != nullptr && slot.value_size == value.size() &&
         (value.empty() || std::memcmp(slot.data.get() + slot.atom_count, value.data(), value.size()) == 0);
}

std::optional<std::span<const AtomId>> ValueCache::find(std::uint32_t table, std::string_view value,
                                                        std::optional<std::uint64_t>& hash, Miss& miss) {
  miss = {};
  Usefulness& use = usefulness_[table];
  if (value.size() > kMaxValueBytes || pauses(use)) return std::nullopt;
  if (!hash) hash = std::hash<std::string_view>()(value);
  miss = {mixed(*hash, table), true};
  for (std::size_t way = 0; way < kWays; ++way) {
    const Slot& slot = slots_[(miss.hash >> 40U ^ way) % kSlots];
    if (!holds(slot, miss.hash, table, value)) continue;
    ++use.found;
    return std::span<const AtomId>(slot.data.get(), slot.atom_count);
  }
  return std::nullopt;
}

void ValueCache::keep(const Miss& miss, std::uint32_t table, std::string_view value, std::span<const AtomId> atoms) {
  if (!miss.keep || atoms.size() > kMaxAtoms) return;
  Slot& slot = slots_[(miss.hash >> 40U ^ ++turn_ % kWays) % kSlots];
  const auto needed = static_cast<std::uint32_t>(atoms.size() + (value.size() + 3) / 4);
  if (needed > slot.capacity || slot.data == nullptr) {
    const std::size_t more = std::max<std::size_t>(needed, 1) * sizeof(std::uint32_t);
    if (bytes_ + more > kMaxBytes) {
      for (Slot& each : slots_) each = {};
      bytes_ = 0;
    }
    bytes_ += more - slot.capacity * sizeof(std::uint32_t);
    slot.capacity = std::max<std::uint32_t>(needed, 1);
    slot.data = std::make_unique_for_overwrite<std::uint32_t[]>(slot.capacity);  // NOLINT(*-avoid-c-arrays)
  }
  slot.hash = miss.hash;
  slot.table = table;
  slot.value_size = static_cast<std::uint32_t>(value.size());
  slot.atom_count = static_cast<std::uint32_t>(atoms.size());
  std::ranges::copy(atoms, slot.data.get());
  if (!value.empty()) std::memcpy(slot.data.get() + atoms.size(), value.data(), value.size());
}

}  // namespace sightline::detect
