// One comparison's operands, compiled for values of one kind. All are immutable after construction; a value satisfies a
// matcher if it satisfies any of the operands.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/error.h"
#include "event/event.h"
#include "query/ast.h"
#include "query/cidr.h"
#include "query/glob.h"
#include "query/pattern.h"

namespace sightline::query {

// Whether a value that compares like `order` with an operand satisfies the comparator.
bool satisfies(std::strong_ordering order, Comparator comparator);

// contains, starts_with, ends_with. `part` is folded where case is ignored.
bool has_part(std::string_view value, Comparator comparator, bool ignore_case, std::string_view part);

// A set of texts that is asked without allocating, with ASCII case folded or not.
class TextSet {
 public:
  explicit TextSet(bool ignore_case) : ignore_case_(ignore_case), set_(0, Hash{ignore_case}, Equal{ignore_case}) {}

  void insert(std::string_view text);
  bool contains(std::string_view text) const;

 private:
  struct Hash {
    using is_transparent = void;
    bool ignore_case;
    std::size_t operator()(std::string_view text) const;
  };
  struct Equal {
    using is_transparent = void;
    bool ignore_case;
    bool operator()(std::string_view left, std::string_view right) const;
  };
  static constexpr std::size_t kFew = 8;  // up to which comparing one by one is faster

  bool ignore_case_;
  std::vector<std::string> few_;                      // the first kFew
  std::unordered_set<std::string, Hash, Equal> set_;  // all, once there are more
};

class TextMatcher {
 public:
  static Result<TextMatcher> compile(const Comparison& comparison);

  bool matches(std::string_view value) const;

 private:
  TextMatcher(Comparator comparator, bool ignore_case)
      : comparator_(comparator), ignore_case_(ignore_case), texts_(ignore_case) {}

  Result<void> add(const Literal& operand);
  bool matches_one(std::string_view value, std::string_view operand) const;

  Comparator comparator_;
  bool ignore_case_;
  TextSet texts_;                      // equals
  std::vector<std::string> operands_;  // orders and parts; folded where case is ignored
  std::vector<Glob> globs_;
  std::vector<Pattern> patterns_;
  std::vector<CidrRange> networks_;
};

// Number attributes: equality and order with decimals; everything else looks at their text.
class NumberMatcher {
 public:
  NumberMatcher(const Comparison& comparison, std::shared_ptr<const TextMatcher> text);

  // `decimal` is canonical.
  bool matches(std::string_view decimal) const;

 private:
  Comparator comparator_;
  TextSet decimals_{false};            // equals
  std::vector<std::string> operands_;  // orders
  std::shared_ptr<const TextMatcher> text_;
};

class IntegerMatcher {
 public:
  static Result<IntegerMatcher> compile(const Comparison& comparison);
  bool matches(std::int64_t value) const;

 private:
  Comparator comparator_ = Comparator::equals;
  std::vector<std::int64_t> operands_;  // ascending
};

class TimeMatcher {
 public:
  static Result<TimeMatcher> compile(const Comparison& comparison);
  bool matches(std::int64_t time_ms) const;

 private:
  Comparator comparator_ = Comparator::equals;
  std::vector<TimeRange> operands_;
};

class EventIdMatcher {
 public:
  static Result<EventIdMatcher> compile(const Comparison& comparison);
  bool matches(const EventId& id) const;

 private:
  std::vector<EventId> operands_;  // ascending
};

}  // namespace sightline::query
