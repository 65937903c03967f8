// The paths that rules look at, numbered from 0: those of an event are looked up once for all programs.
#pragma once

#include <bitset>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace sightline::detect {

class PathTable {
 public:
  // The number of the path, which is added if it is new.
  std::uint32_t add(const std::string& path) {
    slots_.set(slot_of(path));
    return numbers_.emplace(path, static_cast<std::uint32_t>(numbers_.size())).first->second;
  }

  std::optional<std::uint32_t> find(std::string_view path) const {
    if (!slots_.test(slot_of(path))) return std::nullopt;
    const auto found = numbers_.find(path);
    if (found == numbers_.end()) return std::nullopt;
    return found->second;
  }

  bool empty() const { return numbers_.empty(); }

 private:
  // A look that rules out most paths that are not here.
  static constexpr std::size_t kSlots = 4096;
  static std::size_t slot_of(std::string_view path) {
    if (path.empty()) return 0;
    const auto first = static_cast<unsigned char>(path.front());
    return (path.size() * 131 + first * 31U + static_cast<unsigned char>(path.back())) % kSlots;
  }
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  std::bitset<kSlots> slots_;
  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> numbers_;
};

}  // namespace sightline::detect
