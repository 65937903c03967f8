#include "detect/matcher/outline.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace sightline::detect {
namespace {

enum class Kind : std::uint8_t { other, within_numbers, digit };

constexpr std::array<Kind, 256> kKinds = [] {
  std::array<Kind, 256> kinds{};
  for (const unsigned char c : std::string_view("abcdefABCDEF-")) kinds.at(c) = Kind::within_numbers;
  for (const unsigned char c : std::string_view("0123456789")) kinds.at(c) = Kind::digit;
  return kinds;
}();

Kind kind_of(char c) { return kKinds[static_cast<unsigned char>(c)]; }

}  // namespace

bool Outline::has_digit(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return kind_of(c) == Kind::digit; });
}

bool Outline::may_overlap_number(std::string_view text) {
  return has_digit(text) || std::ranges::none_of(text, [](char c) { return kind_of(c) == Kind::other; });
}

bool Outline::draw(std::string_view value) {
  text_.clear();
  numbers_.clear();
  std::size_t copied = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (kind_of(value[i]) != Kind::digit) continue;
    Number number{i, i + 1};
    for (std::size_t next = i + 1; next < value.size() && kind_of(value[next]) != Kind::other; ++next) {
      if (kind_of(value[next]) == Kind::digit) number.end = next + 1;
    }
    text_.append(value.substr(copied, i - copied)).push_back(kStandIn);
    numbers_.push_back(number);
    copied = number.end;
    i = copied - 1;
  }
  text_.append(value.substr(copied));
  return !numbers_.empty() && !has_stand_in(value);
}

}  // namespace sightline::detect
