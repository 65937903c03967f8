// Strings of Sigma rules: literal text with the wildcards `*` and `?`, and placeholders `%name%`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sightline::detect::sigma {

enum class Wildcard : char {
  run = '*',  // any run of characters, also an empty one
  one = '?',  // one character
};

// Only where the modifier `expand` asks for them.
struct Placeholder {
  std::string name;
  bool operator==(const Placeholder&) const = default;
};

// A string taken apart. Literal parts are never empty and never stand side by side, nor do two `*`.
class StringPattern {
 public:
  using Part = std::variant<std::string, Wildcard, Placeholder>;

  StringPattern() = default;
  static StringPattern literal(std::string_view text);

  // A backslash makes a wildcard after it literal, and a backslash before a wildcard; elsewhere it stands for itself,
  // and two of them for one. With `placeholders`, `%name%` is one and `\%` a percent sign.
  static StringPattern parse(std::string_view text, bool placeholders);
  // Only `%name%` and `\%` mean something.
  static StringPattern parse_placeholders(std::string_view text);

  const std::vector<Part>& parts() const { return parts_; }
  bool empty() const { return parts_.empty(); }
  // The text where there is nothing else.
  std::optional<std::string> as_literal() const;

  void append(std::string_view text);
  void append(Wildcard wildcard);
  void append(Placeholder placeholder) { parts_.emplace_back(std::move(placeholder)); }
  void append(const StringPattern& other);
  StringPattern with_run_before() const;
  StringPattern with_run_after() const;

 private:
  static StringPattern parsed(std::string_view text, bool wildcards, bool placeholders);

  std::vector<Part> parts_;
};

// How a pattern is asked of a value: the cheapest comparison that means the same.
struct PatternForm {
  enum class Kind {
    equals,
    contains,
    starts_with,
    ends_with,
    glob,  // whole value; text as query::Comparator::glob takes it
    regex,
    any,  // `*`: every value
  };
  Kind kind = Kind::equals;
  std::string text;
};

// `pattern` has no placeholders. `cased` only matters for regular expressions, which say themselves how they compare.
PatternForm form_of(const StringPattern& pattern, bool cased);

// A regular expression that finds the pattern anywhere in a value; wildcards at its ends change nothing.
std::string regex_within(const StringPattern& pattern, bool cased);

}  // namespace sightline::detect::sigma
