// Mapping files: which events a log source of Sigma means, and what its fields are called.
//
//   logsources:                              # any of these, exactly
//     - {product: windows, category: dns_query}
//   events: provider = "Microsoft-Windows-Sysmon" AND win_event_id = 22
//   fields: {QueryName: QueryName}           # Sigma's name: ours, or a list of ours; {field: ours, values: {a: b}}
//   times: [UtcTime]                         # fields whose hour, day and so on are those of event_time
//   others: attributes                       # or none: events have no other fields
//   missing: [GrandParentImage]              # fields that no source here has: rules that ask for them are inactive
//   keywords: true
//
// A document with `defaults: PRODUCT` instead of logsources has fields for all log sources of a product that follow. A
// file holds several documents. Files given later go before those given earlier and before the built-in ones.
#pragma once

#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "detect/sigma/field_names.h"
#include "detect/sigma/log_source.h"
#include "detect/sigma/problem.h"
#include "detect/yaml/yaml_document.h"

namespace sightline::detect::sigma {

struct MappedSource {
  std::string events;  // a filter that is true for its events; parsed and checked once
  FieldNames names;
};

// Immutable once built; thread-safe.
class Mapping {
 public:
  // Adds the documents of a file, over what is there. Errors: the first problem; what came before it is added.
  std::expected<void, Problem> add(std::string_view text);

  // nullptr where nothing here sends such a log.
  const MappedSource* find(const LogSource& source) const;

  // The mapping files that come with the program.
  static const Mapping& built_in();

 private:
  void add(const YamlNode& document);

  std::map<LogSource, MappedSource> sources_;
  std::map<std::string, FieldNames, std::less<>> defaults_;  // by product
};

}  // namespace sightline::detect::sigma
