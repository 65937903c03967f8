// What holds of one value: the atoms, of all conditions about one field or path, that the value satisfies.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "detect/matcher/affix_trie.h"
#include "detect/matcher/literal_scanner.h"
#include "detect/matcher/outline.h"
#include "query/pattern_run.h"

namespace sightline::detect {

using AtomId = std::uint32_t;

enum class TextTest : std::uint8_t { equals, contains, starts_with, ends_with };

// Working memory of one thread, for any number of tables.
struct ValueScratch {
  LiteralScanner::Scratch scanner;
  std::string folded;
  std::vector<std::uint32_t> found;
};

// Add tests, then build() once; immutable from then on, and thread-safe.
class ValueTables {
 public:
  // `bytes` is not empty but for equals. Equals concerns texts, the other tests the digits of numbers too.
  void add_text(TextTest test, std::string_view bytes, bool ignore_case, AtomId atom);
  // The canonical decimal of a number among attributes.
  void add_decimal(std::string_view decimal, AtomId atom) { add(decimals_, decimal, atom); }
  void add_integer(std::int64_t value, AtomId atom) { add(integers_, value, atom); }
  void add_any_value(AtomId atom) { add(any_value_, atom); }
  // Texts with bytes beyond ASCII.
  void add_not_ascii(AtomId atom) { add(not_ascii_, atom); }
  // At least so many of these bytes next to each other, in texts and the digits of numbers.
  void add_run(std::string_view bytes, std::int64_t size, AtomId atom);
  void build();

  // All append atoms that hold, in no order, some maybe twice.
  void find_text(std::string_view value, bool is_number, ValueScratch& scratch, std::vector<AtomId>& out) const;
  // The same of a text in two steps, where it has an outline and has_outlines(). What the outline tells holds of all
  // values that have it.
  void find_in_outline(std::string_view outline, ValueScratch& scratch, std::vector<AtomId>& out) const;
  void find_beside_outline(std::string_view value, std::span<const Outline::Number> numbers, ValueScratch& scratch,
                           std::vector<AtomId>& out) const;
  bool has_outlines() const { return has_outlines_; }
  void find_integer(std::int64_t value, std::vector<AtomId>& out) const;

  // Whether looking is dear enough to remember what was found.
  bool is_dear() const { return scanner_ != nullptr || !prefixes_.empty() || !suffixes_.empty(); }

 private:
  using Atoms = std::vector<AtomId>;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  using Texts = std::unordered_map<std::string, Atoms, Hash, std::equal_to<>>;

  static void add(Atoms& atoms, AtomId atom) {
    if (atoms.empty() || atoms.back() != atom) atoms.push_back(atom);
  }
  template <class Map, class Key>
  static void add(Map& map, const Key& key, AtomId atom) {
    add(map[typename Map::key_type(key)], atom);
  }
  static void append(const Texts& texts, std::string_view text, std::vector<AtomId>& out);
  void build_scanners();
  std::uint32_t literal_number(TextTest test, std::string_view bytes, bool ignore_case);
  void find_affixes(std::string_view value, ValueScratch& scratch, std::vector<AtomId>& out) const;
  void find_runs(std::string_view value, std::vector<AtomId>& out) const;
  void find_not_ascii(std::string_view value, std::vector<AtomId>& out) const;
  void append_found(std::span<const std::uint32_t> number_of, ValueScratch& scratch, std::vector<AtomId>& out) const;
  void find_equal(std::string_view value, ValueScratch& scratch, std::vector<AtomId>& out) const;

  Texts equal_;         // exactly
  Texts equal_folded_;  // folded keys
  std::size_t longest_folded_ = 0;
  Texts decimals_;
  std::unordered_map<std::int64_t, Atoms> integers_;
  Atoms any_value_;
  Atoms not_ascii_;
  std::vector<std::pair<query::ByteRun, AtomId>> runs_;

  // Parts of values: each distinct literal has a number, by which the three structures name it.
  std::vector<Atoms> atoms_of_literal_;
  AffixTrie prefixes_{AffixTrie::End::front};
  AffixTrie suffixes_{AffixTrie::End::back};
  std::unique_ptr<const LiteralScanner> scanner_;
  std::vector<std::uint32_t> scanned_;                  // numbers, by position in the scanner's list
  std::unique_ptr<const LiteralScanner> near_numbers_;  // those that an outline does not tell
  std::vector<std::uint32_t> scanned_near_numbers_;     // as scanned_
  bool has_outlines_ = false;
  std::vector<LiteralScanner::Literal> to_scan_;                   // until build()
  std::unordered_map<std::string, std::uint32_t> known_literals_;  // until build()
};

}  // namespace sightline::detect
