#include "detect/sigma/mapping.h"

#include <fmt/format.h>

#include <cstdlib>

#include "detect/sigma/built_in_mappings.h"
#include "detect/yaml/yaml_document.h"
#include "query/checker.h"
#include "query/fold.h"
#include "query/parser.h"

namespace sightline::detect::sigma {
namespace {

// Thrown and caught in this file.
struct Mistake {
  Problem problem;
};

[[noreturn]] void mistake(const YamlNode& at, std::string message, std::string hint = {}) {
  throw Mistake{{at.line, at.column, std::move(message), std::move(hint)}};
}

const std::string& text_of(const YamlNode& node, std::string_view what) {
  if (node.kind != YamlNode::Kind::scalar) {
    mistake(node, fmt::format("{} is {}; expected text", what, to_string(node.kind)));
  }
  return node.scalar;
}

LogSource log_source_of(const YamlNode& node) {
  LogSource source;
  for (const auto& [key, value] : node.entries) {
    std::string text = query::fold(text_of(value, "a part of a log source"));
    if (key.scalar == "category") {
      source.category = std::move(text);
    } else if (key.scalar == "product") {
      source.product = std::move(text);
    } else if (key.scalar == "service") {
      source.service = std::move(text);
    } else {
      mistake(key, fmt::format("unknown part \"{}\" of a log source; expected category, product, service",
                               key.scalar.substr(0, 64)));
    }
  }
  if (source.empty()) mistake(node, "a log source names no category, product or service");
  return source;
}

FieldName field_of(const YamlNode& node) {
  FieldName name;
  if (node.kind == YamlNode::Kind::scalar) {
    name.names.push_back(node.scalar);
  } else if (node.kind == YamlNode::Kind::sequence) {
    for (const YamlNode& item : node.items) name.names.push_back(text_of(item, "the name of a field"));
  } else if (const YamlNode* field = node.find("field")) {
    name.names.push_back(text_of(*field, "\"field\""));
    if (const YamlNode* values = node.find("values")) {
      for (const auto& [from, to] : values->entries) name.values[query::fold(from.scalar)] = text_of(to, "a value");
    }
  }
  if (name.names.empty()) {
    mistake(node, "expected the name of a field, a list of names, or a mapping with \"field\" and \"values\"");
  }
  return name;
}

bool yes_or_no(const YamlNode& node, std::string_view yes, std::string_view no) {
  if (node.scalar == yes) return true;
  if (node.scalar != no) mistake(node, fmt::format("\"{}\"; expected {} or {}", node.scalar.substr(0, 64), yes, no));
  return false;
}

void check_filter(const YamlNode& node) {
  auto filter = query::parse_expression(text_of(node, "\"events\""));
  const auto checked = filter ? query::check(*filter, {}) : std::unexpected(filter.error());
  if (!checked) mistake(node, "events: " + checked.error().message, checked.error().hint);
}

void read_missing(const YamlNode& list, FieldNames& names) {
  for (const YamlNode& name : list.items) names.fields[text_of(name, "the name of a field")] = {};
}

void read_times(const YamlNode& list, FieldNames& names) {
  for (const YamlNode& name : list.items) names.times.insert(text_of(name, "the name of a field"));
}

// What the document says, over `defaults`.
MappedSource source_of(const YamlNode& document, const FieldNames& defaults) {
  MappedSource source{{}, defaults};
  for (const auto& [key, value] : document.entries) {
    if (key.scalar == "events") {
      check_filter(value);
      source.events = value.scalar;
    } else if (key.scalar == "fields") {
      for (const auto& [name, field] : value.entries) source.names.fields[name.scalar] = field_of(field);
    } else if (key.scalar == "others") {
      source.names.others = yes_or_no(value, "attributes", "none");
    } else if (key.scalar == "keywords") {
      source.names.keywords = yes_or_no(value, "true", "false");
    } else if (key.scalar == "missing") {
      read_missing(value, source.names);
    } else if (key.scalar == "times") {
      read_times(value, source.names);
    } else if (key.scalar != "logsources" && key.scalar != "defaults") {
      mistake(key,
              fmt::format(
                  "unknown key \"{}\"; expected logsources, defaults, events, fields, missing, times, others, keywords",
                  key.scalar.substr(0, 64)));
    }
  }
  return source;
}

}  // namespace

std::expected<void, Problem> Mapping::add(std::string_view text) {
  const auto documents = parse_yaml(text);
  if (!documents) {
    const YamlError& error = documents.error();
    return std::unexpected(Problem{error.line, error.column, error.message, error.hint});
  }
  try {
    for (const YamlNode& document : *documents) {
      add(document);
    }
  } catch (Mistake& found) {
    return std::unexpected(std::move(found.problem));
  }
  return {};
}

void Mapping::add(const YamlNode& document) {
  if (const YamlNode* product = document.find("defaults")) {
    defaults_[text_of(*product, "\"defaults\"")] = source_of(document, {}).names;
    return;
  }
  const YamlNode* sources = document.find("logsources");
  if (sources == nullptr || sources->kind != YamlNode::Kind::sequence) {
    mistake(document, "the mapping has no list \"logsources\"");
  }
  for (const YamlNode& node : sources->items) {
    const LogSource source = log_source_of(node);
    const auto found = defaults_.find(source.product);
    MappedSource mapped = source_of(document, found == defaults_.end() ? FieldNames() : found->second);
    if (mapped.events.empty()) mistake(document, "the mapping has no \"events\"");
    sources_[source] = std::move(mapped);
  }
}

const MappedSource* Mapping::find(const LogSource& source) const {
  const auto found = sources_.find(source);
  return found == sources_.end() ? nullptr : &found->second;
}

const Mapping& Mapping::built_in() {
  static const Mapping kBuiltIn = [] {
    Mapping mapping;
    for (const BuiltInMapping& each : built_in_mappings()) {
      if (!mapping.add(each.text)) std::abort();  // a mistake of ours: a test loads them
    }
    return mapping;
  }();
  return kBuiltIn;
}

}  // namespace sightline::detect::sigma
