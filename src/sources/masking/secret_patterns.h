// What a secret looks like: regular expressions, searched in time linear to the text.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace sightline::sources {

// The secret is the first group that took part in the match, or all of the match where the expression has no group.
struct SecretPattern {
  std::string name;        // lower-case letters, digits and hyphens
  std::string expression;  // RE2 syntax, on bytes
};

// Forms that hardly anything but a secret has. docs/operations.md lists them.
std::span<const SecretPattern> default_secret_patterns();

inline constexpr std::size_t kMaxSecretPatterns = 64;
inline constexpr std::size_t kMaxExpressionBytes = 1'000;
// What is shorter is left alone: it would be found in half of all texts.
inline constexpr std::size_t kMinSecretBytes = 4;

// A place in a text.
struct SecretSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t pattern = 0;
};

// What stands where a secret was: "[masked:NAME]". Never itself taken for a secret.
std::string mask_text(std::string_view pattern_name);

// Compiled patterns. Immutable, thread-safe.
class SecretPatterns {
 public:
  // Errors: invalid_input, naming the pattern and what is wrong with it.
  static Result<std::shared_ptr<const SecretPatterns>> compile(std::span<const SecretPattern> patterns);
  ~SecretPatterns();

  // False: find() would find nothing. One pass over the text whatever the number of patterns.
  bool may_match(std::string_view text) const;
  // Ascending, without overlaps: of those that overlap, one span over all of them under the first one's pattern.
  std::vector<SecretSpan> find(std::string_view text) const;
  const std::string& name(std::size_t pattern) const;

 private:
  struct Compiled;
  explicit SecretPatterns(std::unique_ptr<Compiled> compiled);
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace sightline::sources
