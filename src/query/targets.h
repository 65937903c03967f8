// The targets of a name as an evaluator in memory looks for them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "query/ast.h"

namespace sightline::query {

// The targets of one name, sorted by how their values are reached.
struct Targets {
  std::vector<FieldId> text;
  std::vector<FieldId> integer;  // integer and boolean
  std::vector<FieldId> time;     // of fields that are entries of the event
  std::vector<std::string> paths;
  bool id = false;
  bool event_time = false;
  bool received_time = false;

  bool is_member() const { return id || event_time || received_time; }
};

// Errors: invalid_input where there are none.
Result<Targets> sort_targets(const FieldRef& field);

inline bool among(const std::vector<FieldId>& fields, FieldId field) {
  for (const FieldId each : fields) {
    if (each == field) return true;
  }
  return false;
}

inline bool among(const std::vector<std::string>& paths, std::string_view path) {
  for (const std::string& each : paths) {
    if (each == path) return true;
  }
  return false;
}

}  // namespace sightline::query
