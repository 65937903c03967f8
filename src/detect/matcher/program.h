// The conditions of a set of rules, compiled for one pass over an event's values.
//
// Each field and path that rules look at is a column with two sets of tables. The eager ones hold what wakes rules, and
// every event's values go through them; the lazy ones hold everything else, and are asked only where an awake rule
// does.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "detect/matcher/condition_graph.h"
#include "detect/matcher/value_tables.h"
#include "event/event.h"
#include "query/predicate.h"

namespace sightline::detect {

struct RuleCondition {
  std::uint32_t number = 0;  // the caller's
  NodeRef filter;
  std::vector<query::Predicate> suppressions;
};

// A field or path that conditions look at.
struct Column {
  std::unique_ptr<const ValueTables> eager;  // nullptr: nothing to look for
  std::unique_ptr<const ValueTables> lazy;
  bool is_text = true;
  bool residual = false;           // residuals look at it
  bool asked_again = false;        // lazy or residual
  std::uint32_t eager_number = 0;  // of the tables, for the cache: texts, and one more for numbers
  std::uint32_t lazy_number = 0;
};

// Immutable once compiled; thread-safe.
struct Program {
  // Where the answer to an atom comes from, if it is not there yet.
  struct LazyColumns {
    std::uint32_t first = 0;  // in lazy_columns
    std::uint32_t count = 0;  // 0: the eager pass has answered
  };

  static constexpr std::int32_t kNoColumn = -1;

  ConditionGraph graph;              // operands in the order in which they are tried; atoms without their operands
  std::vector<RuleCondition> rules;  // by number
  std::vector<Column> columns;
  std::vector<LazyColumns> lazy_of_atom;
  std::vector<std::uint32_t> lazy_columns;

  std::vector<std::vector<std::uint32_t>> woken_by;  // by atom: positions in rules
  std::vector<std::uint32_t> always_awake;           // rules without triggers

  std::unique_ptr<const LiteralScanner> free_text;  // nullptr: no rule has any
  std::vector<AtomId> free_text_atoms;              // by position in the scanner's list
  std::vector<bool> is_free_text;                   // by atom
  bool free_text_wakes = false;

  std::int32_t column_of(FieldId field) const { return column_of_field[static_cast<std::size_t>(field)]; }
  std::int32_t column_of(std::string_view path) const {
    if (!path_slots.test(slot_of(path))) return kNoColumn;
    const auto found = column_of_path.find(path);
    return found == column_of_path.end() ? kNoColumn : static_cast<std::int32_t>(found->second);
  }

  // A look that rules out most paths that are no column.
  static std::size_t slot_of(std::string_view path) {
    if (path.empty()) return 0;
    const auto first = static_cast<unsigned char>(path.front());
    return (path.size() * 131 + first * 31U + static_cast<unsigned char>(path.back())) % kPathSlots;
  }
  static constexpr std::size_t kPathSlots = 4096;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  std::array<std::int32_t, kFieldCount> column_of_field{};
  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> column_of_path;
  std::bitset<kPathSlots> path_slots;
};

// Compiles rules into a program. `next_tables` is the first number its tables may take, and is moved on.
Program compile_program(ConditionGraph graph, std::vector<RuleCondition> rules, std::uint32_t& next_tables);

}  // namespace sightline::detect
