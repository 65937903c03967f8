// Finds which of many literals occur in a text, in one pass over it. Wraps vectorscan.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "detect/matcher/short_literals.h"

namespace sightline::detect {

// Immutable once made; thread-safe, each thread with a Scratch of its own.
class LiteralScanner {
 public:
  struct Literal {
    std::string bytes;  // not empty
    bool ignore_case = false;
  };

  // Working memory of one thread; serves any number of scanners, one at a time.
  class Scratch {
   public:
    Scratch();
    ~Scratch();
    Scratch(Scratch&&) noexcept;
    Scratch& operator=(Scratch&&) noexcept;

   private:
    friend class LiteralScanner;
    struct State;
    std::unique_ptr<State> state_;
  };

  // In what it is going to scan: a few literals are looked for one by one where the texts are short, which saves making
  // a database for each of thousands of fields.
  enum class Texts : std::uint8_t { values, events };

  explicit LiteralScanner(std::vector<Literal> literals, Texts texts = Texts::values);
  ~LiteralScanner();
  LiteralScanner(LiteralScanner&&) noexcept;
  LiteralScanner& operator=(LiteralScanner&&) noexcept;

  // Makes the scratch fit: before its first scan with this scanner.
  void prepare(Scratch& scratch) const;

  // Appends the positions, in the list given to the constructor, of the literals that occur, each once, in no order.
  void scan(std::string_view text, Scratch& scratch, std::vector<std::uint32_t>& found) const;

 private:
  bool occurs(std::uint32_t literal, std::string_view text) const;
  bool compile(const std::vector<unsigned>& longer);
  bool scan_longer(std::string_view text, Scratch& scratch, std::vector<std::uint32_t>& found) const;
  void scan_one_by_one(std::string_view text, std::vector<std::uint32_t>& found) const;

  struct Database;
  std::vector<Literal> literals_;
  bool one_by_one_ = true;                    // few literals, or the database could not be made
  ShortLiterals short_;                       // those few bytes long
  std::unique_ptr<const Database> database_;  // of the others; nullptr: there are none
};

}  // namespace sightline::detect
