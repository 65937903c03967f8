// Types the literals of comparisons.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "query/ast.h"
#include "query/diagnostic.h"

namespace sightline::query {

// What the targets of a field have in common.
struct TargetKind {
  std::optional<FieldType> type;  // nullopt: paths only
  bool has_path = false;
};
TargetKind kind_of(const FieldRef& field);

bool is_order(Comparator comparator);
// The keyword or sign, for messages and text.
std::string_view to_string(Comparator comparator, bool ignore_case);

// Fills the typed parts of one operand, or says why it does not fit. `now_ms` as in CheckContext.
std::expected<void, Diagnostic> check_literal(Literal& literal, const Comparison& comparison, TargetKind kind,
                                              std::optional<std::int64_t> now_ms);

// A regular expression by itself.
std::expected<void, Diagnostic> check_pattern(const Literal& literal);

// The same for an operand of a part of a time.
std::expected<void, Diagnostic> check_part(Literal& literal, TimePart part);

}  // namespace sightline::query
