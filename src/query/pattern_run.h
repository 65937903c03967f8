// What a regular expression without any text needs.
#pragma once

#include <bitset>
#include <cstddef>
#include <string_view>

namespace sightline::query {

// So many bytes of a set, next to each other.
struct ByteRun {
  std::bitset<256> bytes;
  std::size_t size = 0;
};

// What every value holds that the pattern matches, UTF-8 or not: the longest run that it shows outside its groups, such
// as of `[0-9a-f]{64}`. Of size 0: nothing is known.
ByteRun necessary_run(std::string_view pattern);

bool has_run(std::string_view value, const ByteRun& run);

}  // namespace sightline::query
