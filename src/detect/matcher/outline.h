// A value with its numbers left out: of command lines that differ in nothing else, most of what holds is the same.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sightline::detect {

// Where hexadecimal digits and dashes stand next to each other, what reaches from the first decimal digit to the last
// is a number: 4711, 7ffe-03 of "7ffe-03a", a GUID but for letters at its ends. A byte stands for each.
//
// A text that may_overlap_number() denies stands in a value exactly as often as in its outline. Between numbers both
// are alike. Where it overlapped a number, it would hold one of its ends, which are digits, or lie within and be made
// of hexadecimal letters and dashes. And it does not hold the byte that stands for them.
class Outline {
 public:
  struct Number {
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  // False where there is none: the value has no number, or the byte that stands for numbers.
  bool draw(std::string_view value);
  // Of the last value drawn.
  std::string_view text() const { return text_; }
  std::span<const Number> numbers() const { return numbers_; }  // in order

  // Of texts in any case.
  static bool may_overlap_number(std::string_view text);
  static bool has_digit(std::string_view text);
  static bool has_stand_in(std::string_view text) { return text.contains(kStandIn); }

 private:
  static constexpr char kStandIn = '\0';

  std::string text_;
  std::vector<Number> numbers_;
};

}  // namespace sightline::detect
