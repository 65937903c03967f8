// Whole-value patterns with `*`, compiled.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sightline::query {

// `*` is any run of bytes; `\*` an asterisk, `\\` a backslash, any other backslash stands for itself. Immutable.
class Glob {
 public:
  Glob(std::string_view pattern, bool ignore_case);

  bool matches(std::string_view value) const;

  // The literal parts between the wildcards, at least one; folded where case is ignored. Without a wildcard there is
  // one part, otherwise the first and the last are anchored to the ends of the value and may be empty.
  const std::vector<std::string>& parts() const { return parts_; }

 private:
  std::vector<std::string> parts_;
  bool ignore_case_;
};

// The first place of a needle, npos if there is none. `needle` is folded already.
std::size_t find_folded(std::string_view value, std::string_view needle);
// Linear in time, unlike std::string_view::find.
std::size_t find_exact(std::string_view value, std::string_view needle);

}  // namespace sightline::query
