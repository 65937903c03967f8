// The conditions of a set of rules, compiled for one pass over an event's values.
//
// Each field and path that rules look at is a column with two sets of tables. The eager ones hold what rules need, and
// every event's values go through them; the lazy ones hold everything else, and are asked only where a rule is tried
// that asks it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "detect/matcher/condition_graph.h"
#include "detect/matcher/path_table.h"
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
  bool asked_again = false;  // by the lazy tables or residuals
  // Of the tables, for the cache: texts, one more for numbers, and one more for outlines.
  static constexpr std::uint32_t kNumbers = 3;
  std::uint32_t eager_number = 0;
  std::uint32_t lazy_number = 0;
};

// Immutable once compiled; thread-safe.
struct Program {
  static constexpr std::int32_t kNoColumn = -1;
  static constexpr std::uint32_t kKindsOfValue = 3;  // a residual takes that many numbers

  ConditionGraph graph;              // operands in the order in which they are tried; atoms without their operands
  std::vector<RuleCondition> rules;  // by number
  std::vector<Column> columns;
  // Lists of columns, each distinct one once.
  struct ColumnList {
    std::uint32_t first = 0;  // in column_lists
    std::uint32_t count = 0;
  };
  std::vector<ColumnList> lists;
  std::vector<std::uint32_t> column_lists;
  std::span<const std::uint32_t> columns_in(std::uint32_t list) const {
    return std::span(column_lists).subspan(lists[list].first, lists[list].count);
  }

  static constexpr std::uint32_t kAnswered = UINT32_MAX;  // by the eager pass
  std::vector<std::uint32_t> lazy_of_atom;                // the list where the answer is looked for, or kAnswered
  std::vector<std::uint32_t> list_of_residual;            // the columns of its targets
  std::vector<std::uint32_t> list_compared_with;          // by residual: the columns of what they are compared with
  std::uint32_t first_residual = 0;                       // the number of the first residual, for the cache

  // Rules are tried on an event that meets all their needs. Which are met is a set of bits: for the first need of each
  // rule, for the second, and so on, each starting at a word of its own; last, for what must not be.
  struct Need {
    std::uint32_t word = 0;
    std::uint64_t bits = 0;
  };
  static constexpr std::size_t kNeedBits = 64;  // of a word
  std::size_t need_words = 0;                   // for one need of each rule
  std::vector<std::uint64_t> needs_at_start;    // those that rules do not have are met
  std::vector<Need> needs;                      // by atom
  std::vector<std::uint32_t> first_need;        // by atom, in needs; and one more for the end
  std::span<const Need> needs_set_by(AtomId atom) const {
    return std::span(needs).subspan(first_need[atom], first_need[atom + 1] - first_need[atom]);
  }
  bool is_needed(AtomId atom) const { return first_need[atom] != first_need[atom + 1]; }

  // What is looked for in every value of an event.
  struct FreeText {
    std::unique_ptr<const LiteralScanner> scanner;  // nullptr: nothing
    std::vector<AtomId> atoms;                      // by position in the scanner's list
  };
  FreeText needed_free_text;  // where a rule meets all its needs but this one
  FreeText free_text;         // where a rule asks
  // Bits like those of needs_at_start, of the needs that free text may meet; and at which words of each need some are.
  std::vector<std::uint64_t> needs_of_free_text;
  std::vector<std::uint32_t> words_of_free_text;
  std::vector<bool> is_free_text;  // by atom

  std::int32_t column_of(FieldId field) const { return column_of_field[static_cast<std::size_t>(field)]; }
  std::int32_t column_of_path(std::uint32_t path) const {
    const auto found = columns_of_paths.find(path);
    return found == columns_of_paths.end() ? kNoColumn : static_cast<std::int32_t>(found->second);
  }

  std::array<std::int32_t, kFieldCount> column_of_field{};
  std::unordered_map<std::uint32_t, std::uint32_t> columns_of_paths;  // by PathTable
};

// Compiles rules into a program. Paths are added to those of all programs; `next_number` is the first number its tables
// and residuals may take, and is moved on.
Program compile_program(ConditionGraph graph, std::vector<RuleCondition> rules, PathTable& paths,
                        std::uint32_t& next_number);

}  // namespace sightline::detect
