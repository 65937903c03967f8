// Finds which of many literals occur in a text, in one pass over it, at a cost that hardly depends on how many they
// are.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "detect/matcher/outline.h"
#include "detect/matcher/short_literals.h"

namespace sightline::detect {

// Of each literal, four bytes stand for it: those that fewest other literals have. A bitmap knows them, and only where
// a text has such four bytes are the literals compared for which they stand. Where all literals are longer than that,
// only every so many places of a text are looked at, and as many such fours stand for each literal.
//
// Immutable once made; thread-safe, each thread with a Scratch of its own.
class LiteralScanner {
 public:
  struct Literal {
    std::string bytes;  // not empty
    bool ignore_case = false;
  };

  // Working memory of one thread; serves any number of scanners, one at a time.
  class Scratch {
   private:
    friend class LiteralScanner;
    void begin_scan(std::size_t literals) {
      if (seen_.size() < literals) seen_.resize(literals, 0);
      if (++scan_ != 0) return;
      std::ranges::fill(seen_, 0);
      scan_ = 1;
    }
    // Whether this scan has found the literal before.
    bool has(std::uint32_t literal) const { return seen_[literal] == scan_; }
    void mark(std::uint32_t literal) { seen_[literal] = scan_; }

    std::vector<std::uint32_t> seen_;  // by literal: the number of the scan that found it
    std::uint32_t scan_ = 0;
  };

  // `near_numbers`: for scan_near_numbers() alone.
  explicit LiteralScanner(std::vector<Literal> literals, bool near_numbers = false);

  // Appends the positions, in the list given to the constructor, of the literals that occur, each once, in no order.
  void scan(std::string_view text, Scratch& scratch, std::vector<std::uint32_t>& found) const;
  // The same of all that overlap a number, and maybe of others. The literals that may: Outline::may_overlap_number().
  void scan_near_numbers(std::string_view text, std::span<const Outline::Number> numbers, Scratch& scratch,
                         std::vector<std::uint32_t>& found) const;

 private:
  using Gram = std::uint32_t;  // four bytes, letters in lower case
  static constexpr std::size_t kGramBytes = sizeof(Gram);

  // A literal, and how many of its bytes stand before its gram.
  struct Place {
    std::uint32_t literal = 0;
    std::uint32_t before = 0;
  };
  // The places of a gram, in places_; none: an empty slot.
  struct Slot {
    Gram gram = 0;
    std::uint32_t first = 0;
    std::uint32_t count = 0;
  };

  // Sets a bit of every byte that letters in upper case lack. Some other bytes become alike too, which comparing tells
  // apart.
  static Gram gram_at(const char* bytes) {
    Gram gram = 0;
    std::memcpy(&gram, bytes, kGramBytes);
    return gram | 0x20202020U;
  }
  static std::uint32_t hash(Gram gram) { return gram * 0x9E3779B1U; }
  std::vector<std::pair<Gram, Place>> choose_grams(bool near_numbers) const;
  void index(std::vector<std::pair<Gram, Place>> grams);
  // What stands in this part of the text, or, if it has the bytes that stand for it there, reaches beyond.
  void scan_part(std::string_view text, std::size_t begin, std::size_t end, Scratch& scratch,
                 std::vector<std::uint32_t>& found) const;
  void compare(Gram gram, std::string_view text, std::size_t at, Scratch& scratch,
               std::vector<std::uint32_t>& found) const;

  std::vector<Literal> literals_;  // folded where case is ignored
  ShortLiterals short_;            // those shorter than a gram
  std::size_t shortest_ = SIZE_MAX;
  std::size_t stride_ = 1;
  std::vector<std::uint64_t> filter_;
  unsigned filter_shift_ = 0;
  std::vector<Slot> slots_;  // by hash; a power of two, at least half of them empty
  unsigned slot_shift_ = 0;
  std::vector<Place> places_;
};

}  // namespace sightline::detect
