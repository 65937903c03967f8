#include "detect/sigma/document.h"

#include <fmt/format.h>

#include <algorithm>

#include "query/fold.h"

namespace sightline::detect::sigma {
namespace {

constexpr std::size_t kMaxTextBytes = 64UL * 1024;

// Thrown and caught in this file.
struct Mistake {
  Problem problem;
};

[[noreturn]] void mistake(const YamlNode& at, std::string message, std::string hint = {}) {
  throw Mistake{{at.line, at.column, std::move(message), std::move(hint)}};
}

const YamlNode* find_value(const YamlNode& mapping, std::string_view key) {
  const YamlNode* found = mapping.find(key);
  return found == nullptr || found->kind == YamlNode::Kind::null ? nullptr : found;
}

std::string text_of(const YamlNode& mapping, std::string_view key) {
  const YamlNode* found = find_value(mapping, key);
  if (found == nullptr) return {};
  if (found->kind != YamlNode::Kind::scalar) {
    mistake(*found, fmt::format("\"{}\" is {}; expected text", key, to_string(found->kind)), "write one value");
  }
  if (found->scalar.size() > kMaxTextBytes) {
    mistake(*found, fmt::format("\"{}\" is longer than {} bytes", key, kMaxTextBytes), "shorten it");
  }
  return found->scalar;
}

// A list of texts, or one text.
std::vector<std::string> texts_of(const YamlNode& mapping, std::string_view key) {
  std::vector<std::string> texts;
  const YamlNode* found = find_value(mapping, key);
  if (found == nullptr) return texts;
  if (found->kind == YamlNode::Kind::scalar) return {text_of(mapping, key)};
  for (const YamlNode& item : found->items) {
    if (item.kind == YamlNode::Kind::scalar) texts.push_back(item.scalar.substr(0, kMaxTextBytes));
  }
  return texts;
}

const YamlNode& mapping_of(const YamlNode& document, std::string_view key) {
  const YamlNode* found = find_value(document, key);
  if (found == nullptr)
    mistake(document, fmt::format("the document has no \"{}\"", key), fmt::format("add \"{}:\"", key));
  if (found->kind != YamlNode::Kind::mapping) {
    mistake(*found, fmt::format("\"{}\" is {}; expected a mapping", key, to_string(found->kind)),
            "write names with values");
  }
  return *found;
}

LogSource log_source_of(const YamlNode& document) {
  const YamlNode& node = mapping_of(document, "logsource");
  LogSource source{query::fold(text_of(node, "category")), query::fold(text_of(node, "product")),
                   query::fold(text_of(node, "service"))};
  if (source.empty()) mistake(node, "the log source names no category, product or service", "name at least one");
  return source;
}

Detection detection_of(const YamlNode& document, std::string_view key) {
  const YamlNode& node = mapping_of(document, key);
  if (find_value(node, "condition") == nullptr)
    mistake(node, fmt::format("\"{}\" has no \"condition\"", key), "add \"condition: …\"");
  std::vector<std::string_view> seen;
  for (const auto& [name, value] : node.entries) {
    if (std::ranges::find(seen, name.scalar) != seen.end()) {
      mistake(name, fmt::format("\"{}\" stands twice", name.scalar), "give one of them another name");
    }
    seen.push_back(name.scalar);
  }
  return {log_source_of(document), node};
}

Level level_of(const YamlNode& document) {
  const std::string level = query::fold(text_of(document, "level"));
  if (level.empty() || level == "medium") return Level::medium;
  if (level == "informational") return Level::informational;
  if (level == "low") return Level::low;
  if (level == "high") return Level::high;
  if (level == "critical") return Level::critical;
  mistake(*document.find("level"),
          fmt::format("level \"{}\"; expected informational, low, medium, high or critical", level.substr(0, 64)),
          "choose one of them");
}

std::string id_of(const YamlNode& id) {
  std::string text = query::fold(id.scalar);
  const bool good = !text.empty() && text.size() <= 100 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
  if (!good) {
    mistake(id,
            fmt::format("id \"{}\"; expected a UUID, or 1 to 100 of a-z, 0-9, '-', '_' and '.'", text.substr(0, 64)),
            "write a UUID of version 4");
  }
  return text;
}

// Rules need no id in Sigma; alerts need one that stays: the title's words.
std::string id_from_title(std::string_view title) {
  std::string id = "sigma";
  bool gap = true;
  for (const char c : query::fold(title.substr(0, 90))) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain && gap) id += '-';
    if (plain) id += c;
    gap = !plain;
  }
  return id;
}

void check_taxonomy(const YamlNode& document) {
  const std::string taxonomy = text_of(document, "taxonomy");
  if (taxonomy.empty() || taxonomy == "sigma" || taxonomy == "ecs") return;
  mistake(*document.find("taxonomy"), fmt::format("taxonomy \"{}\"; expected sigma or ecs", taxonomy.substr(0, 64)),
          "write the names of Sigma's own taxonomy");
}

RuleDocument rule_of(const YamlNode& document) {
  if (const YamlNode* correlation = find_value(document, "correlation")) {
    mistake(*correlation, "correlation rules are not supported yet", "the rules it refers to load by themselves");
  }
  RuleDocument rule;
  rule.title = text_of(document, "title");
  if (rule.title.empty()) mistake(document, "the rule has no \"title\"", "add \"title: …\"");
  const YamlNode* id = find_value(document, "id");
  rule.id_node = id == nullptr ? *document.find("title") : *id;
  rule.id = id == nullptr ? id_from_title(rule.title) : id_of(*id);
  rule.name = text_of(document, "name");
  rule.level = level_of(document);
  rule.status = query::fold(text_of(document, "status"));
  rule.description = text_of(document, "description");
  rule.author = text_of(document, "author");
  rule.tags = texts_of(document, "tags");
  rule.references = texts_of(document, "references");
  rule.false_positives = texts_of(document, "falsepositives");
  rule.detection = detection_of(document, "detection");
  check_taxonomy(document);
  return rule;
}

FilterDocument filter_of(const YamlNode& document) {
  FilterDocument filter;
  filter.title = text_of(document, "title");
  if (filter.title.empty()) mistake(document, "the filter has no \"title\"", "add \"title: …\"");
  filter.detection = detection_of(document, "filter");
  filter.rules = texts_of(filter.detection.node, "rules");
  if (filter.rules.empty()) {
    mistake(filter.detection.node, "the filter names no rules", "write \"rules: any\", or a list of ids and names");
  }
  if (filter.rules.size() == 1 && query::equal_folded(filter.rules.front(), "any")) filter.rules.clear();
  return filter;
}

template <class Made>
std::expected<Made, Problem> caught(const YamlNode& document, Made (*read)(const YamlNode&)) {
  try {
    return read(document);
  } catch (Mistake& found) {
    return std::unexpected(std::move(found.problem));
  }
}

}  // namespace

bool is_filter(const YamlNode& document) {
  const YamlNode* filter = document.find("filter");
  return filter != nullptr && filter->kind == YamlNode::Kind::mapping;
}

bool is_sigma(const YamlNode& document) {
  return document.find("detection") != nullptr || document.find("correlation") != nullptr ||
         document.find("logsource") != nullptr || is_filter(document);
}

std::expected<RuleDocument, Problem> read_rule(const YamlNode& document) {
  return caught<RuleDocument>(document, rule_of);
}

std::expected<FilterDocument, Problem> read_filter(const YamlNode& document) {
  return caught<FilterDocument>(document, filter_of);
}

}  // namespace sightline::detect::sigma
