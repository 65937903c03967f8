// Finds which of many literals of one to three bytes occur in a text. They occur in most texts, many times each, and
// for each time the scanner for longer ones would stop and tell.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sightline::detect {

// Add literals, then build() once; immutable from then on, and thread-safe.
class ShortLiterals {
 public:
  static constexpr std::size_t kMaxSize = 3;

  // `bytes` has 1 to kMaxSize bytes; `literal` is the caller's number for it.
  void add(std::string_view bytes, bool ignore_case, std::uint32_t literal);
  void build();
  bool empty() const { return literals_.empty(); }

  // Calls `found` with the numbers of the literals that occur, with each as often as it does.
  template <class Found>
  void scan(std::string_view text, const Found& found) const;

 private:
  struct Literal {
    std::array<char, kMaxSize> bytes{};  // folded where case is ignored
    std::uint8_t size = 0;
    bool ignore_case = false;
    std::uint32_t number = 0;
    std::uint16_t start = 0;  // its first two bytes, folded; of one byte, that
  };
  struct Range {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
  };

  static std::uint8_t folded(char c) { return static_cast<std::uint8_t>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c); }
  bool stands_at(const Literal& literal, std::string_view rest) const {
    if (literal.size > rest.size()) return false;
    for (std::size_t i = 0; i < literal.size; ++i) {
      const char c = literal.ignore_case ? static_cast<char>(folded(rest[i])) : rest[i];
      if (c != literal.bytes[i]) return false;
    }
    return true;
  }
  template <class Found>
  void try_all(Range range, std::string_view rest, const Found& found) const {
    for (std::uint32_t i = range.first; i < range.first + range.count; ++i) {
      if (stands_at(literals_[i], rest)) found(literals_[i].number);
    }
  }

  std::vector<Literal> literals_;  // those of one byte, then the others, by start
  std::array<Range, 256> of_byte_{};
  std::bitset<65536> starts_;         // of those of two and three bytes
  std::vector<std::uint16_t> range_;  // by start: in ranges_
  std::vector<Range> ranges_;
  std::vector<std::bitset<256>> thirds_;  // by range: third bytes of its literals, folded
  std::vector<bool> has_pairs_;           // by range: whether one of its literals ends after two bytes
};

template <class Found>
void ShortLiterals::scan(std::string_view text, const Found& found) const {
  if (text.empty()) return;
  std::uint8_t next = folded(text.front());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::uint8_t here = next;
    if (of_byte_[here].count > 0) [[unlikely]] {
      try_all(of_byte_[here], text.substr(i), found);
    }
    if (i + 1 == text.size()) return;
    next = folded(text[i + 1]);
    const auto start = static_cast<std::uint16_t>(here << 8U | next);
    if (starts_[start]) [[unlikely]] {
      const std::uint16_t range = range_[start];
      const bool third = i + 2 < text.size() && thirds_[range][folded(text[i + 2])];
      if (third || has_pairs_[range]) try_all(ranges_[range], text.substr(i), found);
    }
  }
}

}  // namespace sightline::detect
