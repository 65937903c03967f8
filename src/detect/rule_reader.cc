#include "detect/rule_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "base/hash.h"
#include "detect/file_rule.h"
#include "detect/sigma_rules.h"
#include "query/time_literal.h"

namespace sightline::detect {
namespace {

constexpr std::array kKeys{
    "id",           "name", "title",      "description", "response",        "author", "severity", "filter",
    "suppressions", "tags", "compliance", "references",  "false_positives", "files",  "enabled",  "tests"};
constexpr std::array kFileKeys{"paths", "ignore", "operations"};
constexpr std::array kPathKeys{"path", "recursive"};
constexpr std::array kSuppressionKeys{"filter", "reason", "author", "expires"};
constexpr std::array kRulesetKeys{"ruleset", "rules", "hosts"};
constexpr std::array kTestKeys{"name", "fires", "format", "input"};

// Thrown and caught in this file: the first mistake of a document ends its reading.
struct Mistake {
  RuleProblem problem;
};

[[noreturn]] void mistake(const YamlNode& at, std::string message, std::string hint = {}) {
  RuleProblem problem;
  problem.line = at.line;
  problem.column = at.column;
  problem.message = std::move(message);
  problem.hint = std::move(hint);
  throw Mistake{std::move(problem)};
}

std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  for (std::size_t j = 0; j <= right.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t substituted = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row.back();
}

template <std::size_t N>
void check_keys(const YamlNode& mapping, const std::array<const char*, N>& keys, std::string_view what) {
  std::vector<std::string_view> seen;
  for (const auto& [key, value] : mapping.entries) {
    if (key.kind != YamlNode::Kind::scalar) mistake(key, fmt::format("expected the name of a key of {}", what));
    if (std::ranges::find(seen, key.scalar) != seen.end()) {
      mistake(key, fmt::format("key \"{}\" stands twice", key.scalar), "keep one of them");
    }
    seen.push_back(key.scalar);
    if (std::ranges::find(keys, key.scalar) != keys.end()) continue;
    const std::string_view short_key = std::string_view(key.scalar).substr(0, 64);
    const std::string_view nearest =
        *std::ranges::min_element(keys, {}, [&](std::string_view known) { return edit_distance(known, short_key); });
    mistake(key, fmt::format("unknown key \"{}\" of {}; expected one of {}", short_key, what, fmt::join(keys, ", ")),
            edit_distance(nearest, short_key) <= 3 ? fmt::format("did you mean \"{}\"?", nearest) : "");
  }
}

const std::string& text_of(const YamlNode& node, std::string_view key) {
  if (node.kind != YamlNode::Kind::scalar) {
    mistake(node, fmt::format("\"{}\" is {}; expected text", key, to_string(node.kind)));
  }
  if (node.scalar.size() > kMaxRuleTextBytes) {
    mistake(node, fmt::format("\"{}\" is longer than {} bytes", key, kMaxRuleTextBytes));
  }
  return node.scalar;
}

const YamlNode& required(const YamlNode& mapping, std::string_view key, std::string_view what) {
  const YamlNode* found = mapping.find(key);
  if (found == nullptr || found->kind == YamlNode::Kind::null) {
    mistake(mapping, fmt::format("{} has no \"{}\"", what, key), fmt::format("add \"{}: …\"", key));
  }
  return *found;
}

std::string optional_text(const YamlNode& mapping, std::string_view key) {
  const YamlNode* found = mapping.find(key);
  return found == nullptr || found->kind == YamlNode::Kind::null ? std::string() : text_of(*found, key);
}

const std::vector<YamlNode>& list_of(const YamlNode& node, std::string_view key) {
  if (node.kind != YamlNode::Kind::sequence) {
    mistake(node, fmt::format("\"{}\" is {}; expected a list", key, to_string(node.kind)),
            "write each item on a line of its own after \"- \"");
  }
  if (node.items.size() > kMaxRuleListItems) {
    mistake(node, fmt::format("\"{}\" has more than {} items", key, kMaxRuleListItems));
  }
  return node.items;
}

std::vector<std::string> optional_texts(const YamlNode& mapping, std::string_view key) {
  std::vector<std::string> texts;
  const YamlNode* found = mapping.find(key);
  if (found == nullptr || found->kind == YamlNode::Kind::null) return texts;
  for (const YamlNode& item : list_of(*found, key)) texts.push_back(text_of(item, key));
  return texts;
}

bool boolean_of(const YamlNode& node, std::string_view key) {
  const std::string& text = text_of(node, key);
  if (text == "true") return true;
  if (text == "false") return false;
  mistake(node, fmt::format("\"{}\" is \"{}\"; expected true or false", key, text.substr(0, 64)));
}

int severity_of(const YamlNode& node) {
  const std::string& text = text_of(node, "severity");
  if (text == "1" || text == "2" || text == "3") return text[0] - '0';
  mistake(node, fmt::format("\"severity\" is \"{}\"; expected 1 (high), 2 (medium) or 3 (low)", text.substr(0, 64)));
}

std::string id_of(const YamlNode& node) {
  const std::string& id = text_of(node, "id");
  const bool good = !id.empty() && id.size() <= 100 && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
  if (!good) {
    mistake(node, fmt::format("id \"{}\"; expected 1 to 100 of a-z, 0-9, '-', '_' and '.'", id.substr(0, 64)));
  }
  return id;
}

RuleTest test_of(const YamlNode& node) {
  if (node.kind != YamlNode::Kind::mapping) {
    mistake(node, fmt::format("a test is {}; expected a mapping with fires, format and input", to_string(node.kind)));
  }
  check_keys(node, kTestKeys, "a test");
  RuleTest test;
  test.name = optional_text(node, "name");
  test.fires = boolean_of(required(node, "fires", "a test"), "fires");
  test.format = text_of(required(node, "format", "a test"), "format");
  test.input = text_of(required(node, "input", "a test"), "input");
  test.line = node.line;
  return test;
}

// The end of the day or the moment that `text` names.
std::int64_t expiry_of(const YamlNode& node) {
  const std::string& text = text_of(node, "expires");
  const auto time = query::parse_time(text, std::nullopt);
  if (!time) {
    mistake(node, fmt::format("\"expires\" is \"{}\": {}", text.substr(0, 64), time.error().message),
            "write the last day it counts, such as 2026-12-31");
  }
  return time->end_ms;
}

// A filter, or a mapping that says more about it.
Suppression suppression_of(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::scalar) return {text_of(node, "suppressions"), {}, {}, std::nullopt};
  if (node.kind != YamlNode::Kind::mapping) {
    mistake(node,
            fmt::format("a suppression is {}; expected a filter, or a mapping with filter, reason, author, expires",
                        to_string(node.kind)));
  }
  check_keys(node, kSuppressionKeys, "a suppression");
  Suppression suppression;
  suppression.filter = text_of(required(node, "filter", "a suppression"), "filter");
  suppression.reason = optional_text(node, "reason");
  suppression.author = optional_text(node, "author");
  if (const YamlNode* expires = node.find("expires")) suppression.expires_ms = expiry_of(*expires);
  return suppression;
}

void read_suppressions(const YamlNode& document, RuleDefinition& definition) {
  const YamlNode* list = document.find("suppressions");
  if (list == nullptr || list->kind == YamlNode::Kind::null) return;
  for (const YamlNode& item : list_of(*list, "suppressions")) {
    definition.rule.suppressions.push_back(suppression_of(item));
    definition.suppressions.push_back(item.kind == YamlNode::Kind::mapping ? *item.find("filter") : item);
  }
}

FileRule::Path file_path_of(const YamlNode& node) {
  FileRule::Path path;
  const YamlNode* text = &node;
  if (node.kind == YamlNode::Kind::mapping) {
    check_keys(node, kPathKeys, "a path");
    text = &required(node, "path", "a path");
    const YamlNode* recursive = node.find("recursive");
    path.recursive = recursive != nullptr && boolean_of(*recursive, "recursive");
  }
  path.path = text_of(*text, "path");
  if (!path.path.starts_with('/')) {
    mistake(*text, fmt::format("path \"{}\" is not absolute", path.path.substr(0, 64)), "begin it with a slash");
  }
  return path;
}

FileRule file_rule_of(const YamlNode& node) {
  if (node.kind != YamlNode::Kind::mapping) {
    mistake(node,
            fmt::format("\"files\" is {}; expected a mapping with paths, ignore, operations", to_string(node.kind)));
  }
  check_keys(node, kFileKeys, "files");
  FileRule rule;
  const YamlNode& paths = required(node, "paths", "files");
  for (const YamlNode& item : list_of(paths, "paths")) rule.paths.push_back(file_path_of(item));
  if (rule.paths.empty()) mistake(paths, "\"paths\" names no path");
  rule.ignore = optional_texts(node, "ignore");
  rule.operations = optional_texts(node, "operations");
  const auto& known = file_operations();
  if (rule.operations.empty()) rule.operations = {"create", "modify", "delete", "rename", "attrib"};
  for (const std::string& operation : rule.operations) {
    if (std::ranges::find(known, operation) != known.end()) continue;
    mistake(*node.find("operations"),
            fmt::format("operation \"{}\"; expected one of {}", operation.substr(0, 64), fmt::join(known, ", ")));
  }
  return rule;
}

// A filter, or files, which a filter may narrow.
void read_filter(const YamlNode& document, RuleDefinition& definition) {
  const YamlNode* files = document.find("files");
  if (files == nullptr || files->kind == YamlNode::Kind::null) {
    definition.filter = required(document, "filter", "the rule");
    definition.rule.filter = text_of(definition.filter, "filter");
    return;
  }
  definition.rule.filter = filter_of(file_rule_of(*files));
  if (const YamlNode* filter = document.find("filter"); filter != nullptr) {
    definition.rule.filter = fmt::format("{} AND ({})", definition.rule.filter, text_of(*filter, "filter"));
  }
  definition.filter = *files;
  definition.filter.scalar = definition.rule.filter;
}

RuleDefinition own_definition(const YamlNode& document) {
  RuleDefinition definition;
  Rule& rule = definition.rule;
  definition.id = required(document, "id", "the rule");
  rule.id = id_of(definition.id);
  check_keys(document, kKeys, "a rule");
  definition.title = required(document, "title", "the rule");
  text_of(definition.title, "title");
  rule.name = optional_text(document, "name");
  read_filter(document, definition);
  rule.severity = severity_of(required(document, "severity", "the rule"));
  rule.description = optional_text(document, "description");
  rule.response = optional_text(document, "response");
  rule.author = optional_text(document, "author");
  read_suppressions(document, definition);
  rule.tags = optional_texts(document, "tags");
  rule.compliance = optional_texts(document, "compliance");
  rule.references = optional_texts(document, "references");
  rule.false_positives = optional_texts(document, "false_positives");
  if (const YamlNode* enabled = document.find("enabled"); enabled != nullptr && !boolean_of(*enabled, "enabled")) {
    rule.inactive_reason = "disabled in its file";
  }
  if (const YamlNode* tests = document.find("tests"); tests != nullptr && tests->kind != YamlNode::Kind::null) {
    for (const YamlNode& item : list_of(*tests, "tests")) rule.tests.push_back(test_of(item));
  }
  return definition;
}

// The items of a list that must be there and hold something.
const std::vector<YamlNode>& some_of(const YamlNode& document, std::string_view key) {
  const YamlNode& list = required(document, key, "the ruleset");
  if (list_of(list, key).empty()) mistake(list, fmt::format("\"{}\" is empty", key));
  return list.items;
}

Ruleset ruleset_of(const YamlNode& document, std::string_view file) {
  check_keys(document, kRulesetKeys, "a ruleset");
  text_of(required(document, "ruleset", "the ruleset"), "ruleset");
  Ruleset ruleset;
  ruleset.file = file;
  for (const YamlNode& item : some_of(document, "rules")) {
    ruleset.members.push_back({text_of(item, "rules"), item.line, item.column});
  }
  for (const YamlNode& item : some_of(document, "hosts")) {
    const std::string& tag = ruleset.host_tags.emplace_back(text_of(item, "hosts"));
    if (is_host_tag(tag)) continue;
    mistake(item, fmt::format("\"{}\" cannot be a tag of a host; expected 1 to {} of A-Z a-z 0-9 . _ : / = -",
                              tag.substr(0, 64), kMaxHostTagBytes));
  }
  return ruleset;
}

RuleProblem problem_of(sigma::Problem problem) {
  return {{}, problem.line, problem.column, {}, std::move(problem.message), std::move(problem.hint)};
}

// Throws Mistake.
void read_sigma(const YamlNode& document, ReadRules& read) {
  if (sigma::is_filter(document)) {
    auto filter = sigma::read_filter(document);
    if (!filter) throw Mistake{problem_of(std::move(filter.error()))};
    read.filters.push_back(std::move(*filter));
    return;
  }
  auto rule = sigma::read_rule(document);
  if (!rule) throw Mistake{problem_of(std::move(rule.error()))};
  read.definitions.push_back(definition_of(std::move(*rule)));
}

// Of the document that begins at `begin` and ends where the next begins. Text that is not UTF-8 has its offsets
// elsewhere.
std::string fingerprint_of(std::string_view text, std::size_t begin, std::size_t next) {
  constexpr std::size_t kBytes = 8;
  std::string_view document = text.substr(0, next);
  document.remove_prefix(std::min(begin, document.size()));
  document = document.substr(0, document.find_last_not_of("- \t\r\n") + 1);  // and the marker of the next
  const Sha256Digest digest = sha256(document);
  return to_hex(std::span(digest).first<kBytes>());
}

std::string id_for_message(const YamlNode& document) {
  const YamlNode* id = document.find("id");
  return id != nullptr && id->scalar.size() <= 100 ? id->scalar : std::string();
}

}  // namespace

ReadRules read_rules(std::string_view file, std::string_view text) {
  ReadRules read;
  const auto add_problem = [&](RuleProblem problem, std::string rule_id) {
    problem.file = file;
    problem.rule_id = std::move(rule_id);
    read.problems.push_back(std::move(problem));
  };
  auto documents = parse_yaml(text);
  if (!documents) {
    YamlError& error = documents.error();
    add_problem({{}, error.line, error.column, {}, std::move(error.message), std::move(error.hint)}, {});
    return read;
  }
  for (std::size_t i = 0; i < documents->size(); ++i) {
    const YamlNode& document = (*documents)[i];
    try {
      if (document.kind != YamlNode::Kind::mapping) {
        mistake(document,
                fmt::format("the file holds {}; expected a rule: a mapping with id, title, severity and filter",
                            to_string(document.kind)));
      }
      const std::size_t before = read.definitions.size();
      if (document.find("ruleset") != nullptr) {
        read.rulesets.push_back(ruleset_of(document, file));
      } else if (sigma::is_sigma(document)) {
        read_sigma(document, read);
      } else {
        read.definitions.push_back(own_definition(document));
      }
      if (!read.filters.empty()) read.filters.back().file = file;
      if (read.definitions.size() == before) continue;  // a filter or a ruleset
      read.definitions.back().rule.file = file;
      read.definitions.back().rule.line = document.line;
      const std::size_t next = i + 1 < documents->size() ? (*documents)[i + 1].offset : text.size();
      read.definitions.back().rule.fingerprint = fingerprint_of(text, document.offset, next);
    } catch (Mistake& found) {
      add_problem(std::move(found.problem), id_for_message(document));
    }
  }
  return read;
}

}  // namespace sightline::detect
