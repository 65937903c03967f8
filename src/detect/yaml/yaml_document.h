// YAML as a small tree with positions. What can be used to exhaust a reader (aliases, depth, size) is refused.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sightline::detect {

inline constexpr std::size_t kMaxYamlDepth = 16;
inline constexpr std::size_t kMaxYamlNodes = 100'000;

struct YamlEntry;

struct YamlNode {
  enum class Kind { null, scalar, sequence, mapping };
  Kind kind = Kind::null;
  std::string scalar;
  std::vector<YamlNode> items;     // of a sequence
  std::vector<YamlEntry> entries;  // of a mapping, in their order; keys may repeat
  std::size_t line = 1;            // from 1
  std::size_t column = 1;          // from 1, in bytes
  std::size_t offset = 0;          // in the text

  // The value of a key, or nullptr.
  const YamlNode* find(std::string_view key) const;
};

struct YamlEntry {
  YamlNode key;
  YamlNode value;
};

std::string_view to_string(YamlNode::Kind kind);

struct YamlError {
  std::size_t line = 0;
  std::size_t column = 0;
  std::string message;
  std::string hint;
};

// The documents of a text. Errors name the first place that is not YAML, or not YAML that we take.
std::expected<std::vector<YamlNode>, YamlError> parse_yaml(std::string_view text);

// Where byte `offset` of a scalar's value stands in the text, for messages: exact for plain, quoted and block scalars;
// the scalar's start where that cannot be told.
std::pair<std::size_t, std::size_t> locate_in_scalar(std::string_view text, const YamlNode& scalar, std::size_t offset);

}  // namespace sightline::detect
