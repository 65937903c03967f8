// The paths that rules look at, numbered from 0: those of an event are looked up once for all programs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sightline::detect {

class PathTable {
 public:
  // The number of the path, which is added if it is new.
  std::uint32_t add(const std::string& path) {
    if (const auto known = find(path)) return *known;
    const auto number = static_cast<std::uint32_t>(paths_.size());
    std::uint32_t& first = first_[slot_of(path)];
    paths_.push_back({path, first});
    first = number;
    return number;
  }

  std::optional<std::uint32_t> find(std::string_view path) const {
    for (std::uint32_t number = first_[slot_of(path)]; number != kNone; number = paths_[number].next) {
      if (paths_[number].path == path) return number;
    }
    return std::nullopt;
  }

 private:
  // Enough of a path to tell most apart at the cost of a few bytes.
  static constexpr std::size_t kSlots = 4096;
  static std::size_t slot_of(std::string_view path) {
    if (path.empty()) return 0;
    const auto at = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(path[i])); };
    return (path.size() * 131 + at(0) * 31 + at(path.size() / 2) * 523 + at(path.size() - 1)) % kSlots;
  }

  static constexpr std::uint32_t kNone = UINT32_MAX;
  struct Path {
    std::string path;
    std::uint32_t next = kNone;  // of the same slot
  };
  std::vector<Path> paths_;
  std::vector<std::uint32_t> first_ = std::vector<std::uint32_t>(kSlots, kNone);
};

}  // namespace sightline::detect
