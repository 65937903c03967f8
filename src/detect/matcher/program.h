// The conditions of a set of rules, compiled for one pass over an event's values.
//
// Each field and path that rules look at is a column with two sets of tables. The eager ones hold what wakes rules, and
// every event's values go through them; the lazy ones hold everything else, and are asked only where an awake rule
// does.
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
  bool asked_again = false;        // by the lazy tables or residuals
  std::uint32_t eager_number = 0;  // of the tables, for the cache: texts, and one more for numbers
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
  std::uint32_t first_residual = 0;                       // the number of the first residual, for the cache

  std::vector<std::vector<std::uint32_t>> woken_by;  // by atom: positions in rules
  std::vector<std::uint32_t> always_awake;           // rules without triggers

  std::unique_ptr<const LiteralScanner> free_text;  // nullptr: no rule has any
  std::vector<AtomId> free_text_atoms;              // by position in the scanner's list
  std::vector<bool> is_free_text;                   // by atom
  bool free_text_wakes = false;

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
