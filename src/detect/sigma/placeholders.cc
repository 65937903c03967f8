#include "detect/sigma/placeholders.h"

#include <fmt/format.h>

#include <algorithm>

#include "detect/yaml/yaml_document.h"
#include "event/utf8.h"

namespace sightline::detect::sigma {
namespace {

constexpr std::size_t kMaxNameBytes = 64;

// Thrown and caught in this file.
struct Mistake {
  Problem problem;
};

[[noreturn]] void mistake(std::size_t line, std::size_t column, std::string message, std::string hint = {}) {
  throw Mistake{{line, column, std::move(message), std::move(hint)}};
}

[[noreturn]] void mistake(const YamlNode& at, std::string message, std::string hint = {}) {
  mistake(at.line, at.column, std::move(message), std::move(hint));
}

void add_value(std::vector<std::string>& values, std::string value, std::size_t line, std::size_t column) {
  if (value.empty()) mistake(line, column, "a value is empty", "leave it out");
  if (!is_valid_utf8(value)) mistake(line, column, "a value is not UTF-8", "save the file as UTF-8");
  if (value.size() > kMaxPlaceholderBytes) {
    mistake(line, column, fmt::format("a value is longer than {} bytes", kMaxPlaceholderBytes));
  }
  if (values.size() == kMaxPlaceholderValues) {
    mistake(line, column, fmt::format("more than {} values of one placeholder", kMaxPlaceholderValues),
            "write a wildcard for many of them");
  }
  values.push_back(std::move(value));
}

void add_value(std::vector<std::string>& values, const YamlNode& node) {
  if (node.kind != YamlNode::Kind::scalar) {
    mistake(node, fmt::format("a value is {}; expected text or a number", to_string(node.kind)));
  }
  add_value(values, node.scalar, node.line, node.column);
}

void add(Placeholders& placeholders, const YamlEntry& entry) {
  const YamlNode& name = entry.key;
  if (name.kind != YamlNode::Kind::scalar || !is_placeholder_name(name.scalar)) {
    mistake(name, fmt::format("\"{}\" is no name of a placeholder", name.scalar.substr(0, kMaxNameBytes)),
            fmt::format("write 1 to {} letters, digits, '_', '-' or '.', without percent signs", kMaxNameBytes));
  }
  if (placeholders.contains(name.scalar)) mistake(name, fmt::format("\"{}\" stands twice", name.scalar));
  if (placeholders.size() == kMaxPlaceholders) mistake(name, fmt::format("more than {} names", kMaxPlaceholders));
  std::vector<std::string> values;
  if (entry.value.kind == YamlNode::Kind::sequence) {
    for (const YamlNode& item : entry.value.items) add_value(values, item);
  } else if (entry.value.kind != YamlNode::Kind::null) {
    add_value(values, entry.value);
  }
  if (values.empty()) mistake(name, fmt::format("\"{}\" has no values", name.scalar), "list at least one");
  placeholders.emplace(name.scalar, std::move(values));
}

Placeholders placeholders_of(std::string_view yaml) {
  const auto documents = parse_yaml(yaml);
  if (!documents) {
    const YamlError& error = documents.error();
    mistake(error.line, error.column, error.message, error.hint);
  }
  Placeholders placeholders;
  for (const YamlNode& document : *documents) {
    if (document.kind != YamlNode::Kind::mapping) {
      mistake(document, fmt::format("the file is {}; expected names with values", to_string(document.kind)),
              "write as in: Administrators: [root, 'adm_*']");
    }
    for (const YamlEntry& entry : document.entries) add(placeholders, entry);
  }
  if (placeholders.empty())
    mistake(1, 1, "the file has no placeholder", "write as in: Administrators: [root, 'adm_*']");
  return placeholders;
}

std::string_view trimmed(std::string_view line) {
  constexpr std::string_view kBlanks = " \t\r";
  const std::size_t begin = std::min(line.find_first_not_of(kBlanks), line.size());
  line.remove_prefix(begin);
  return line.substr(0, line.find_last_not_of(kBlanks) + 1);
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> values;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    if (!line.empty() && !line.starts_with('#')) add_value(values, std::string(line), number, 1);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (values.empty()) mistake(1, 1, "the file has no value", "write one a line");
  return values;
}

template <class Made>
std::expected<Made, Problem> caught(std::string_view text, Made (*read)(std::string_view)) {
  try {
    return read(text);
  } catch (Mistake& found) {
    return std::unexpected(std::move(found.problem));
  }
}

}  // namespace

std::expected<Placeholders, Problem> read_placeholders(std::string_view yaml) {
  return caught<Placeholders>(yaml, placeholders_of);
}

std::expected<std::vector<std::string>, Problem> read_placeholder_lines(std::string_view text) {
  return caught<std::vector<std::string>>(text, lines_of);
}

bool is_placeholder_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxNameBytes && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
  });
}

}  // namespace sightline::detect::sigma
