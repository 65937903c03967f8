#include "detect/matcher/short_literals.h"

#include <algorithm>
#include <utility>

namespace sightline::detect {

void ShortLiterals::add(std::string_view bytes, bool ignore_case, std::uint32_t literal) {
  Literal& added = literals_.emplace_back();
  added.size = static_cast<std::uint8_t>(bytes.size());
  added.ignore_case = ignore_case;
  added.number = literal;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    added.bytes.at(i) = ignore_case ? static_cast<char>(folded(bytes[i])) : bytes[i];
  }
  added.start = folded(bytes[0]);
  if (bytes.size() > 1) added.start = static_cast<std::uint16_t>(added.start << 8U | folded(bytes[1]));
}

void ShortLiterals::build() {
  if (empty()) return;
  std::ranges::stable_sort(literals_, {}, [](const Literal& each) { return std::pair(each.size > 1, each.start); });
  range_.resize(65536, 0);
  for (std::uint32_t i = 0; i < literals_.size(); ++i) {
    const Literal& literal = literals_[i];
    if (literal.size == 1) {
      Range& range = of_byte_.at(literal.start);
      if (range.count++ == 0) range.first = i;
      continue;
    }
    if (!starts_[literal.start]) {
      starts_.set(literal.start);
      range_[literal.start] = static_cast<std::uint16_t>(ranges_.size());
      ranges_.push_back({i, 0});
      thirds_.emplace_back();
      has_pairs_.push_back(false);
    }
    if (literal.size == 2) has_pairs_.back() = true;
    if (literal.size == 3) thirds_.back().set(folded(literal.bytes[2]));
    ++ranges_.back().count;
  }
}

}  // namespace sightline::detect
