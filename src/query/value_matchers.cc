#include "query/value_matchers.h"

#include <algorithm>
#include <functional>

#include "event/decimal.h"
#include "query/fold.h"

namespace sightline::query {
namespace {

std::unexpected<Error> unchecked(std::string_view what) {
  return fail(ErrorCode::invalid_input, "the expression has not been checked: " + std::string(what));
}

bool is_order(Comparator comparator) {
  return comparator >= Comparator::less && comparator <= Comparator::greater_equal;
}

}  // namespace

bool satisfies(std::strong_ordering order, Comparator comparator) {
  switch (comparator) {
    case Comparator::equals:
      return order == 0;
    case Comparator::less:
      return order < 0;
    case Comparator::less_equal:
      return order <= 0;
    case Comparator::greater:
      return order > 0;
    case Comparator::greater_equal:
      return order >= 0;
    default:
      return false;
  }
}

bool has_part(std::string_view value, Comparator comparator, bool ignore_case, std::string_view part) {
  switch (comparator) {
    case Comparator::contains:
      return (ignore_case ? find_folded(value, part) : find_exact(value, part)) != std::string_view::npos;
    case Comparator::starts_with:
      return ignore_case ? equal_folded(value.substr(0, part.size()), part) : value.starts_with(part);
    case Comparator::ends_with:
      if (!ignore_case) return value.ends_with(part);
      return value.size() >= part.size() && equal_folded(value.substr(value.size() - part.size()), part);
    default:
      return false;
  }
}

std::size_t TextSet::Hash::operator()(std::string_view text) const {
  if (!ignore_case) return std::hash<std::string_view>{}(text);
  std::size_t hash = 0xCBF29CE484222325ULL;  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(fold(c))) * 0x100000001B3ULL;
  return hash;
}

bool TextSet::Equal::operator()(std::string_view left, std::string_view right) const {
  return ignore_case ? equal_folded(left, right) : left == right;
}

void TextSet::insert(std::string_view text) {
  if (few_.size() < kFew) {
    if (!contains(text)) few_.emplace_back(text);
    return;
  }
  if (set_.empty()) set_.insert(few_.begin(), few_.end());
  set_.emplace(text);
}

bool TextSet::contains(std::string_view text) const {
  if (!set_.empty()) return set_.contains(text);
  return std::ranges::any_of(few_, [&](const std::string& each) { return Equal{ignore_case_}(each, text); });
}

Result<TextMatcher> TextMatcher::compile(const Comparison& comparison) {
  TextMatcher matcher(comparison.comparator, comparison.ignore_case);
  for (const Literal& operand : comparison.operands) {
    if (Result<void> added = matcher.add(operand); !added) return std::unexpected(std::move(added.error()));
  }
  return matcher;
}

Result<void> TextMatcher::add(const Literal& operand) {
  switch (comparator_) {
    case Comparator::equals:
      texts_.insert(operand.text);
      return {};
    case Comparator::glob:
      globs_.emplace_back(operand.text, ignore_case_);
      return {};
    case Comparator::matches: {
      std::expected<Pattern, PatternMistake> pattern = Pattern::compile(operand.text);
      if (!pattern) return unchecked(pattern.error().message);
      patterns_.push_back(std::move(*pattern));
      return {};
    }
    case Comparator::cidr: {
      const std::optional<CidrRange> network = parse_cidr(operand.text);
      if (!network) return unchecked("not a network");
      networks_.push_back(*network);
      return {};
    }
    default:
      operands_.push_back(ignore_case_ ? fold(operand.text) : operand.text);
      return {};
  }
}

bool TextMatcher::matches(std::string_view value) const {
  switch (comparator_) {
    case Comparator::equals:
      return texts_.contains(value);
    case Comparator::glob:
      return std::ranges::any_of(globs_, [&](const Glob& glob) { return glob.matches(value); });
    case Comparator::matches:
      return std::ranges::any_of(patterns_, [&](const Pattern& pattern) { return pattern.matches(value); });
    case Comparator::cidr: {
      const std::optional<IpAddress> address = parse_ip(value);
      return address && std::ranges::any_of(networks_, [&](const CidrRange& net) { return net.contains(*address); });
    }
    default:
      return std::ranges::any_of(operands_, [&](const std::string& operand) { return matches_one(value, operand); });
  }
}

bool TextMatcher::matches_one(std::string_view value, std::string_view operand) const {
  if (is_order(comparator_)) return satisfies(value <=> operand, comparator_);
  return has_part(value, comparator_, ignore_case_, operand);
}

NumberMatcher::NumberMatcher(const Comparison& comparison, std::shared_ptr<const TextMatcher> text)
    : comparator_(comparison.comparator), text_(std::move(text)) {
  for (const Literal& operand : comparison.operands) {
    if (!operand.decimal) continue;
    if (comparator_ == Comparator::equals) decimals_.insert(*operand.decimal);
    if (is_order(comparator_) && !operand.quoted) operands_.push_back(*operand.decimal);
  }
}

bool NumberMatcher::matches(std::string_view decimal) const {
  if (comparator_ == Comparator::equals) return decimals_.contains(decimal);
  if (!is_order(comparator_)) return text_->matches(decimal);
  return std::ranges::any_of(operands_, [&](const std::string& operand) {
    return satisfies(compare_decimals(decimal, operand), comparator_);
  });
}

Result<IntegerMatcher> IntegerMatcher::compile(const Comparison& comparison) {
  IntegerMatcher matcher;
  matcher.comparator_ = comparison.comparator;
  for (const Literal& operand : comparison.operands) {
    if (!operand.integer) return unchecked("an integer is missing");
    matcher.operands_.push_back(*operand.integer);
  }
  std::ranges::sort(matcher.operands_);
  return matcher;
}

bool IntegerMatcher::matches(std::int64_t value) const {
  if (comparator_ == Comparator::equals) return std::ranges::binary_search(operands_, value);
  return std::ranges::any_of(operands_, [&](std::int64_t each) { return satisfies(value <=> each, comparator_); });
}

Result<TimeMatcher> TimeMatcher::compile(const Comparison& comparison) {
  TimeMatcher matcher;
  matcher.comparator_ = comparison.comparator;
  for (const Literal& operand : comparison.operands) {
    if (!operand.time) return unchecked("a time is missing");
    matcher.operands_.push_back(*operand.time);
  }
  return matcher;
}

bool TimeMatcher::matches(std::int64_t time_ms) const {
  return std::ranges::any_of(operands_, [&](const TimeRange& range) {
    switch (comparator_) {
      case Comparator::equals:
        return time_ms >= range.begin_ms && time_ms < range.end_ms;
      case Comparator::less:
        return time_ms < range.begin_ms;
      case Comparator::less_equal:
        return time_ms < range.end_ms;
      case Comparator::greater:
        return time_ms >= range.end_ms;
      case Comparator::greater_equal:
        return time_ms >= range.begin_ms;
      default:
        return false;
    }
  });
}

Result<EventIdMatcher> EventIdMatcher::compile(const Comparison& comparison) {
  EventIdMatcher matcher;
  for (const Literal& operand : comparison.operands) {
    const std::optional<EventId> id = parse_event_id(operand.text);
    if (!id) return unchecked("not an event id");
    matcher.operands_.push_back(*id);
  }
  std::ranges::sort(matcher.operands_);
  return matcher;
}

bool EventIdMatcher::matches(const EventId& id) const { return std::ranges::binary_search(operands_, id); }

}  // namespace sightline::query
