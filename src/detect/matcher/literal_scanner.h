// Finds which of many literals occur in a text, in one pass over it, at a cost that hardly depends on how many they
// are.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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
    void begin_scan(std::size_t literals);
    // Whether this scan has found the literal before.
    bool has(std::uint32_t literal) const { return seen_[literal] == scan_; }
    void mark(std::uint32_t literal) { seen_[literal] = scan_; }

    std::vector<std::uint32_t> seen_;  // by literal: the number of the scan that found it
    std::uint32_t scan_ = 0;
  };

  explicit LiteralScanner(std::vector<Literal> literals);

  // Appends the positions, in the list given to the constructor, of the literals that occur, each once, in no order.
  void scan(std::string_view text, Scratch& scratch, std::vector<std::uint32_t>& found) const;

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

  static Gram gram_at(const char* bytes);
  static std::uint32_t hash(Gram gram) { return gram * 0x9E3779B1U; }
  std::vector<std::pair<Gram, Place>> choose_grams() const;
  void index(std::vector<std::pair<Gram, Place>> grams);
  void compare(Gram gram, std::string_view text, std::size_t at, Scratch& scratch,
               std::vector<std::uint32_t>& found) const;

  std::vector<Literal> literals_;  // folded where case is ignored
  ShortLiterals short_;            // those shorter than a gram
  std::size_t stride_ = 1;
  std::vector<std::uint64_t> filter_;
  unsigned filter_shift_ = 0;
  std::vector<Slot> slots_;  // by hash; a power of two, at least half of them empty
  unsigned slot_shift_ = 0;
  std::vector<Place> places_;
};

}  // namespace sightline::detect
