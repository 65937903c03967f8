#include "query/field_comparison_matcher.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory_resource>
#include <span>
#include <vector>

#include "event/decimal.h"
#include "query/fold.h"
#include "query/value_matchers.h"

namespace sightline::query {
namespace {

struct Value {
  std::string_view text;  // of a number its canonical decimal
  bool is_number = false;
};

// The values of one side, and the digits of its integers.
class Values {
 public:
  explicit Values(std::pmr::memory_resource* memory) : memory_(memory), values_(memory) {}

  void collect(const Targets& targets, const Event& event) {
    if (targets.event_time) add_number(event.event_time_ms);
    if (targets.received_time) add_number(event.received_time_ms);
    if (!targets.text.empty() || !targets.integer.empty() || !targets.time.empty()) {
      for (const FieldValue& value : event.fields()) add_field(targets, value);
    }
    if (targets.paths.empty()) return;
    for (const Attribute& each : event.attributes()) {
      if (among(targets.paths, each.path)) values_.push_back({each.text, each.kind == Attribute::Kind::number});
    }
  }

  std::span<const Value> all() const { return values_; }

 private:
  void add_field(const Targets& targets, const FieldValue& value) {
    if (among(targets.text, value.field)) {
      values_.push_back({value.text, false});
    } else if (among(targets.integer, value.field) && field_info(value.field).type == FieldType::boolean) {
      values_.push_back({value.integer != 0 ? "true" : "false", false});
    } else if (among(targets.integer, value.field) || among(targets.time, value.field)) {
      add_number(value.integer);
    }
  }

  void add_number(std::int64_t number) {
    constexpr std::size_t kMaxDigits = 20;
    auto* digits = static_cast<char*>(memory_->allocate(kMaxDigits, 1));
    const auto [end, error] = std::to_chars(digits, digits + kMaxDigits, number);
    values_.push_back({{digits, end}, true});
  }

  std::pmr::memory_resource* memory_;
  std::pmr::vector<Value> values_;
};

// Lists of an event may be long, so no comparison but that of parts tries each value with each.
bool any_equal(std::span<const Value> left, std::span<const Value> right, bool ignore_case) {
  constexpr std::size_t kFew = 8;
  const auto equals_any = [&](const Value& value) {
    return std::ranges::any_of(right, [&](const Value& other) {
      return ignore_case ? equal_folded(value.text, other.text) : value.text == other.text;
    });
  };
  if (right.size() <= kFew) return std::ranges::any_of(left, equals_any);
  TextSet texts(ignore_case);
  for (const Value& value : right) texts.insert(value.text);
  return std::ranges::any_of(left, [&](const Value& value) { return texts.contains(value.text); });
}

std::strong_ordering compare(const Value& left, const Value& right) {
  return left.is_number ? compare_decimals(left.text, right.text) : left.text <=> right.text;
}

// Of the numbers, or of the texts, the first or the last in order; nullptr: there are none.
const Value* outermost(std::span<const Value> values, bool numbers, bool last) {
  const Value* found = nullptr;
  for (const Value& value : values) {
    if (value.is_number != numbers) continue;
    if (found == nullptr || (last ? compare(value, *found) > 0 : compare(value, *found) < 0)) found = &value;
  }
  return found;
}

bool any_in_order(std::span<const Value> left, std::span<const Value> right, Comparator comparator) {
  const bool downwards = comparator == Comparator::greater || comparator == Comparator::greater_equal;
  return std::ranges::any_of(std::array{true, false}, [&](bool numbers) {
    const Value* of_left = outermost(left, numbers, downwards);
    const Value* of_right = outermost(right, numbers, !downwards);
    return of_left != nullptr && of_right != nullptr && satisfies(compare(*of_left, *of_right), comparator);
  });
}

bool any_part(std::span<const Value> left, std::span<const Value> right, Comparator comparator, bool ignore_case) {
  std::string folded;
  return std::ranges::any_of(right, [&](const Value& part) {
    if (ignore_case) folded = fold(part.text);
    const std::string_view text = ignore_case ? std::string_view(folded) : part.text;
    return std::ranges::any_of(left,
                               [&](const Value& value) { return has_part(value.text, comparator, ignore_case, text); });
  });
}

}  // namespace

Result<FieldComparisonMatcher> FieldComparisonMatcher::compile(const FieldComparison& comparison) {
  FieldComparisonMatcher matcher(comparison.comparator, comparison.ignore_case);
  Result<Targets> left = sort_targets(comparison.left);
  if (!left) return std::unexpected(std::move(left.error()));
  Result<Targets> right = sort_targets(comparison.right);
  if (!right) return std::unexpected(std::move(right.error()));
  matcher.left_ = std::move(*left);
  matcher.right_ = std::move(*right);
  return matcher;
}

bool FieldComparisonMatcher::matches(const Event& event) const {
  std::array<std::byte, 1024> buffer;
  std::pmr::monotonic_buffer_resource memory(buffer.data(), buffer.size());
  Values left(&memory);
  left.collect(left_, event);
  if (left.all().empty()) return false;
  Values right(&memory);
  right.collect(right_, event);
  switch (comparator_) {
    case Comparator::equals:
      return any_equal(left.all(), right.all(), ignore_case_);
    case Comparator::contains:
    case Comparator::starts_with:
    case Comparator::ends_with:
      return any_part(left.all(), right.all(), comparator_, ignore_case_);
    default:
      return any_in_order(left.all(), right.all(), comparator_);
  }
}

}  // namespace sightline::query
