// Documents of Sigma as written: rules, and filters that are added to rules.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "detect/sigma/log_source.h"
#include "detect/sigma/problem.h"
#include "detect/yaml/yaml_document.h"

namespace sightline::detect::sigma {

// What a rule looks for: the search identifiers and the condition that joins them.
struct Detection {
  LogSource log_source;
  YamlNode node;  // a mapping
};

enum class Level { informational, low, medium, high, critical };

struct RuleDocument {
  std::string id;  // a-z 0-9 - _ . ; made from the title where the document has none
  std::string title;
  std::string name;  // other documents may refer to it; empty where it has none
  std::string description;
  std::string author;
  std::string status;  // stable, test, experimental, deprecated, unsupported; or empty
  Level level = Level::medium;
  std::vector<std::string> tags;
  std::vector<std::string> references;
  std::vector<std::string> false_positives;
  Detection detection;
  YamlNode id_node;  // for messages
};

// `condition` is added to rules with AND.
struct FilterDocument {
  std::string file;  // for messages
  std::string title;
  std::vector<std::string> rules;  // ids or names; empty: any of that log source
  Detection detection;
};

// Whether a document is meant as one of Sigma's, not one of ours.
bool is_sigma(const YamlNode& document);
bool is_filter(const YamlNode& document);

// Keys that the specification does not know are passed over, as it says.
std::expected<RuleDocument, Problem> read_rule(const YamlNode& document);
std::expected<FilterDocument, Problem> read_filter(const YamlNode& document);

}  // namespace sightline::detect::sigma
