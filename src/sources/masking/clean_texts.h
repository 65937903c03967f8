// Texts that have been looked at and hold no secret. Values come again and again, and looking at one costs more than
// knowing it.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace sightline::sources {

// Forgets a text where another takes its place. Copies what it keeps, 64 KiB from the first text on. Not thread-safe.
class CleanTexts {
 public:
  bool contains(std::string_view text) const {
    if (entries_.empty() || text.empty() || text.size() > kMaxBytes) return false;
    const Entry& entry = entries_[place_of(text)];
    return entry.size == text.size() && std::memcmp(entry.bytes.data(), text.data(), text.size()) == 0;
  }
  // Long ones are not kept.
  void add(std::string_view text) {
    if (text.empty() || text.size() > kMaxBytes) return;
    if (entries_.empty()) entries_.resize(kEntries);
    Entry& entry = entries_[place_of(text)];
    entry.size = static_cast<std::uint8_t>(text.size());
    std::memcpy(entry.bytes.data(), text.data(), text.size());
  }

 private:
  static constexpr std::size_t kEntries = 1024;
  static constexpr std::size_t kMaxBytes = 63;
  struct Entry {
    std::uint8_t size = 0;  // 0: free
    std::array<char, kMaxBytes> bytes;
  };

  // By the size and both ends: ids differ at one of them.
  static std::size_t place_of(std::string_view text) {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    const std::size_t size = text.size() < sizeof first ? text.size() : sizeof first;
    std::memcpy(&first, text.data(), size);
    std::memcpy(&last, text.data() + text.size() - size, size);
    const std::uint64_t mixed = (first ^ last * 0xD1B5'4A32'D192'ED03U ^ text.size()) * 0x9E37'79B9'7F4A'7C15U;
    return mixed >> 54U;
  }

  std::vector<Entry> entries_;
};

}  // namespace sightline::sources
