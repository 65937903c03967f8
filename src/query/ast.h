// The syntax tree of a query: what the parser builds, the checker resolves, and both evaluators (the in-memory
// predicate here, the SQL renderer in store/clickhouse) walk. Search, rules and suppressions share it.
//
// The parser desugars, so that each meaning has one form: `a != b` is Not(a = b), NOT IN is Not(IN), `f = null` and
// `f != null` are IsNull and Not(IsNull), `ieq` is equals with ignore_case, `like` is contains or glob.
// docs/query-language.md says what each node means; its last section is for those who write an evaluator.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "event/field.h"

namespace sightline::query {

// Byte offsets into the query's text, end exclusive.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// What a name stands for: a field of the schema, or the path of attributes no schema names.
using Target = std::variant<FieldId, std::string>;

struct FieldRef {
  std::string name;             // as written
  std::vector<Target> targets;  // filled by the checker; the value is the list of all targets' values
  Span span;
};

// Milliseconds, end exclusive. A literal that names a whole second (ten digits) covers 1,000 ms.
struct TimeRange {
  std::int64_t begin_ms = 0;
  std::int64_t end_ms = 0;
};

struct Literal {
  // The value's bytes, escapes resolved; of a number, the lexeme; of a regular expression, the pattern as written; of
  // an event id, 32 lower-case hexadecimal digits (after the check).
  std::string text;
  bool quoted = false;  // unquoted literals are numbers, true, false, or bare times
  Span span;

  // What the checker made of it, by the type of the field: an integer or boolean (0, 1) field, or a time field.
  // Comparisons with text fields and paths use `text` and `decimal`.
  std::optional<std::int64_t> integer;
  std::optional<TimeRange> time;
  // The canonical decimal (event/decimal.h) that a number attribute is compared with: any unquoted number; a quoted
  // integer too, for equals only.
  std::optional<std::string> decimal;
};

enum class Comparator : std::uint8_t {
  equals,  // true if any value equals any of the operands (IN has several operands)
  less,
  less_equal,
  greater,
  greater_equal,
  contains,  // substring
  starts_with,
  ends_with,
  glob,     // whole value; `*` is any run of bytes; `\*` an asterisk, `\\` a backslash, any other `\` stands for itself
  matches,  // RE2, unanchored
  cidr,
};

// Holds if any value of the field and any of the operands satisfy it.
struct Comparison {
  FieldRef field;
  Comparator comparator = Comparator::equals;
  bool ignore_case = false;  // folds ASCII only; on equals, contains, starts_with, ends_with, glob
  std::vector<Literal> operands;
};

// Holds if any value of the left field and any value of the right one satisfy it. A value without a type of its own is
// a text or a number; every value also has a text form: itself, the digits of an integer or a time, true or false.
struct FieldComparison {
  FieldRef left;
  Comparator comparator = Comparator::equals;  // equals, contains, starts_with, ends_with: of text forms; the orders
  bool ignore_case = false;                    // folds ASCII only; not of the orders
  FieldRef right;
};

enum class TimePart : std::uint8_t { minute, hour, day, week, month, year };

// The comparison holds of that part of the field's times, in UTC: equals and the orders, with integers.
// query/time_part.h says what the parts are.
struct TimePartComparison {
  TimePart part = TimePart::hour;
  Comparison comparison;
};

struct IsNull {
  FieldRef field;
};

// Holds if any value of the event contains the text, ASCII case-insensitive; or a regular expression matches it.
struct FreeText {
  Literal text;
  Comparator comparator = Comparator::contains;  // or matches
};

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

struct And {
  std::vector<Expr> operands;  // at least one
};
struct Or {
  std::vector<Expr> operands;
};
struct Not {
  ExprPtr operand;
};

struct Expr {
  std::variant<And, Or, Not, Comparison, FieldComparison, TimePartComparison, IsNull, FreeText> node;
  Span span;
};

// ---- pipes

struct CountStage {
  std::vector<FieldRef> by;  // empty: one number
};
struct TopStage {
  std::uint32_t limit = 10;
  FieldRef field;
};
struct HistogramStage {
  std::int64_t bucket_ms = 0;
  std::optional<FieldRef> by;
};
struct DistinctStage {
  FieldRef field;
};
struct FieldsStage {
  std::vector<FieldRef> fields;
};
// After an aggregate, `field` names a column of the table it makes and has no targets: "count", "time" (histogram), or
// the name of a grouping field as written there.
struct SortStage {
  FieldRef field;
  bool descending = false;
};
struct LimitStage {
  std::uint32_t limit = 0;
};

struct Stage {
  std::variant<CountStage, TopStage, HistogramStage, DistinctStage, FieldsStage, SortStage, LimitStage> node;
  Span span;
};

struct Query {
  std::optional<Expr> filter;  // nullopt: every event
  std::vector<Stage> stages;
};

}  // namespace sightline::query
