// Finds the few rules that an event could fire, without trying the others.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "detect/conditions.h"
#include "event/event.h"

namespace sightline::detect {

// Maps values of fields to the rules that need them. Immutable once built; thread-safe.
class RuleIndex {
 public:
  // A rule by its number, and what its filter needs; without keys it is a candidate for every event.
  void add(std::uint32_t rule, const std::optional<std::vector<ValueKey>>& keys);

  // Appends the numbers of all rules that the event could fire, ascending, each once. `scratch` is the caller's, reused
  // from event to event.
  struct Scratch {
    std::string folded;
  };
  void candidates(const Event& event, Scratch& scratch, std::vector<std::uint32_t>& out) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  struct Values {
    std::unordered_map<std::string, std::vector<std::uint32_t>, Hash, std::equal_to<>> rules;
    std::size_t longest = 0;  // longer values are not looked up
  };

  using Paths = std::unordered_map<std::string, Values, Hash, std::equal_to<>>;

  static void look_up(const Values& values, std::string_view text, Scratch& scratch, std::vector<std::uint32_t>& out);
  // A cheap look that rules out most paths that are not in by_path_.
  static std::size_t slot_of(std::string_view path) {
    return (path.size() * 31 + static_cast<unsigned char>(path.back())) % kPathSlots;
  }
  static constexpr std::size_t kPathSlots = 256;

  std::vector<std::uint32_t> always_;
  std::array<Values, kFieldCount> by_field_;
  Paths by_path_;
  std::bitset<kPathSlots> path_slots_;
};

}  // namespace sightline::detect
