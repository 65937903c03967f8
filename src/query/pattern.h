// Regular expressions: RE2 with the options of the language.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>

namespace sightline::query {

struct PatternMistake {
  std::string message;
  std::string hint;
  std::size_t begin = 0;  // offsets in the pattern
  std::size_t end = 0;
};

// Cheap to copy; matches() is thread-safe and linear in the value's length.
class Pattern {
 public:
  static std::expected<Pattern, PatternMistake> compile(std::string_view pattern);

  // Anywhere in the value. Bytes that are not UTF-8 are looked at as U+FFFD, one for each run of them.
  bool matches(std::string_view value) const;

 private:
  struct Program;
  explicit Pattern(std::shared_ptr<const Program> program) : program_(std::move(program)) {}
  std::shared_ptr<const Program> program_;
};

}  // namespace sightline::query
