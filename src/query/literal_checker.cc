#include "query/literal_checker.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "event/decimal.h"
#include "event/event.h"
#include "query/cidr.h"
#include "query/fold.h"
#include "query/pattern.h"
#include "query/time_literal.h"
#include "query/time_part.h"
#include "query/token_reader.h"

namespace sightline::query {
namespace {

using Checked = std::expected<void, Diagnostic>;

bool is_integer_text(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

Checked check_integer(Literal& literal, std::string_view name) {
  if (!is_integer_text(literal.text)) {
    return mistake(literal.span, fmt::format("{} is an integer field", excerpt(name)), "an integer, such as 42");
  }
  std::int64_t value = 0;
  const auto [stop, error] = std::from_chars(literal.text.data(), literal.text.data() + literal.text.size(), value);
  if (error != std::errc()) {
    return mistake(literal.span, fmt::format("{} is beyond 64 bits", excerpt(literal.text)), "a smaller integer");
  }
  literal.integer = value;
  return {};
}

Checked check_boolean(Literal& literal, std::string_view name) {
  const bool is_true = equal_folded(literal.text, "true") || equal_folded(literal.text, "yes");
  const bool is_false = equal_folded(literal.text, "false") || equal_folded(literal.text, "no");
  if (!is_true && !is_false) {
    return mistake(literal.span, fmt::format("{} is a boolean field", excerpt(name)), "true or false");
  }
  literal.integer = is_true ? 1 : 0;
  return {};
}

Checked check_time(Literal& literal, std::optional<std::int64_t> now_ms) {
  std::expected<TimeRange, TimeMistake> range = parse_time(literal.text, now_ms);
  if (!range) {
    return mistake(literal.span, std::move(range.error().message), "a time", std::move(range.error().hint));
  }
  literal.time = *range;
  return {};
}

Checked check_event_id(Literal& literal, std::string_view name) {
  const std::optional<EventId> id = parse_event_id(literal.text);
  if (!id) {
    return mistake(literal.span, fmt::format("{} is the id of an event", excerpt(name)),
                   "32 hexadecimal digits in quotes");
  }
  literal.text = sightline::to_string(*id);
  return {};
}

Checked check_network(const Literal& literal) {
  if (parse_cidr(literal.text)) return {};
  return mistake(literal.span, fmt::format("{} is not a network", excerpt(literal.text)),
                 R"(an address and a length, such as "10.0.0.0/8" or "fd00::/8")");
}

// Fields of text and paths.
Checked check_text(Literal& literal, const Comparison& comparison, TargetKind kind) {
  const bool is_bare_time = !literal.quoted && (looks_relative(literal.text) || looks_like_date(literal.text));
  if (is_bare_time) {
    return mistake(literal.span, fmt::format("{} is not a time field", excerpt(comparison.field.name)),
                   "text in quotes", fmt::format("as text, write \"{}\"", excerpt(literal.text)));
  }
  if (comparison.comparator == Comparator::matches) return check_pattern(literal);
  if (comparison.comparator == Comparator::cidr) return check_network(literal);
  const bool needs_number = !kind.type && is_order(comparison.comparator) && !literal.quoted;
  if (needs_number && !literal.decimal) {
    return mistake(literal.span, fmt::format("{} has no order among numbers", excerpt(literal.text)),
                   "a number without leading zeros, or text in quotes", "in quotes it is compared as text");
  }
  return {};
}

// The number that a number attribute is compared with.
std::optional<std::string> decimal_of(const Literal& literal, Comparator comparator) {
  const bool counts = !literal.quoted || (comparator == Comparator::equals && is_integer_text(literal.text));
  return counts ? canonical_decimal(literal.text) : std::nullopt;
}

}  // namespace

TargetKind kind_of(const FieldRef& field) {
  TargetKind kind;
  for (const Target& target : field.targets) {
    if (const FieldId* id = std::get_if<FieldId>(&target)) {
      kind.type = field_info(*id).type;
    } else {
      kind.has_path = true;
    }
  }
  return kind;
}

bool is_order(Comparator comparator) {
  return comparator == Comparator::less || comparator == Comparator::less_equal || comparator == Comparator::greater ||
         comparator == Comparator::greater_equal;
}

std::string_view to_string(Comparator comparator, bool ignore_case) {
  switch (comparator) {
    case Comparator::equals:
      return ignore_case ? "ieq" : "=";
    case Comparator::less:
      return "<";
    case Comparator::less_equal:
      return "<=";
    case Comparator::greater:
      return ">";
    case Comparator::greater_equal:
      return ">=";
    case Comparator::contains:
      return ignore_case ? "icontains" : "contains";
    case Comparator::starts_with:
      return ignore_case ? "istarts_with" : "starts_with";
    case Comparator::ends_with:
      return ignore_case ? "iends_with" : "ends_with";
    case Comparator::glob:
      return ignore_case ? "ilike" : "like";
    case Comparator::matches:
      return "matches";
    case Comparator::cidr:
      return "cidr";
  }
  return "?";
}

Checked check_pattern(const Literal& literal) {
  const std::expected<Pattern, PatternMistake> pattern = Pattern::compile(literal.text);
  if (pattern) return {};
  const PatternMistake& wrong = pattern.error();
  Span span = literal.span;
  if (literal.quoted && span.end > span.begin) span = {span.begin + 1 + wrong.begin, span.begin + 1 + wrong.end};
  return mistake(span, wrong.message, "a regular expression of RE2", wrong.hint);
}

Checked check_literal(Literal& literal, const Comparison& comparison, TargetKind kind,
                      std::optional<std::int64_t> now_ms) {
  literal.integer.reset();
  literal.time.reset();
  literal.decimal.reset();
  if (kind.has_path) literal.decimal = decimal_of(literal, comparison.comparator);
  switch (kind.type.value_or(FieldType::text)) {
    case FieldType::text:
      return check_text(literal, comparison, kind);
    case FieldType::integer:
      return check_integer(literal, comparison.field.name);
    case FieldType::boolean:
      return check_boolean(literal, comparison.field.name);
    case FieldType::time:
      return check_time(literal, now_ms);
    case FieldType::event_id:
      return check_event_id(literal, comparison.field.name);
  }
  return {};
}

Checked check_part(Literal& literal, TimePart part) {
  literal.time.reset();
  literal.decimal.reset();
  const std::optional<PartRange> range = range_of(part);
  const auto no_such_part = [&] {
    return mistake(literal.span, fmt::format("{} is no {}", excerpt(literal.text), to_string(part)),
                   range ? fmt::format("a whole number from {} to {}", range->lowest, range->highest)
                         : "a whole number, such as 2026");
  };
  if (!is_integer_text(literal.text)) return no_such_part();
  if (Checked checked = check_integer(literal, to_string(part)); !checked) return checked;
  const bool is_outside = range && (*literal.integer < range->lowest || *literal.integer > range->highest);
  return is_outside ? no_such_part() : Checked{};
}

}  // namespace sightline::query
