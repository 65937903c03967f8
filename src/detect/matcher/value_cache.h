// Remembers what holds of values: users, executables and hosts come again and again.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "detect/matcher/value_tables.h"

namespace sightline::detect {

// Bounded; what is new takes the place of what is old. Belongs to one thread.
class ValueCache {
 public:
  static constexpr std::size_t kMaxBytes = 8UL * 1024 * 1024;
  static constexpr std::size_t kMaxValueBytes = 512;  // longer values seldom come again
  static constexpr std::size_t kMaxAtoms = 512;

  // `table` numbers what was asked: from 0, below `tables`.
  explicit ValueCache(std::size_t tables) : usefulness_(tables) {}

  // What find() says where the value is not there.
  struct Miss {
    std::uint64_t hash = 0;
    bool keep = false;  // whether keeping the answer is worth while
  };
  // The atoms, valid until the next keep(), or a miss to give to keep().
  // `hash` is the value's, worked out where it is not known yet.
  std::optional<std::span<const AtomId>> find(std::uint32_t table, std::string_view value,
                                              std::optional<std::uint64_t>& hash, Miss& miss);
  void keep(const Miss& miss, std::uint32_t table, std::string_view value, std::span<const AtomId> atoms);

  std::size_t size_bytes() const { return bytes_; }

 private:
  static constexpr std::size_t kSlots = 8192;
  static constexpr std::size_t kWays = 2;  // places for one value

  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t table = 0;
    std::uint32_t value_size = 0;
    std::uint32_t atom_count = 0;
    std::uint32_t capacity = 0;             // of data
    std::unique_ptr<std::uint32_t[]> data;  // NOLINT(*-avoid-c-arrays): the atoms, then the value's bytes
  };
  // Whether values of a table come again: where few do, they are not looked up for a while.
  struct Usefulness {
    std::uint16_t asked = 0;
    std::uint16_t found = 0;
    std::uint32_t pause = 0;
  };

  bool pauses(Usefulness& use) const;
  static bool holds(const Slot& slot, std::uint64_t hash, std::uint32_t table, std::string_view value);

  std::vector<Slot> slots_ = std::vector<Slot>(kSlots);
  std::vector<Usefulness> usefulness_;
  std::size_t bytes_ = 0;
  std::uint32_t turn_ = 0;  // which of its places a new value takes
};

}  // namespace sightline::detect
