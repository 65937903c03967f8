// What the fields of a log source are called here.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sightline::detect::sigma {

// Where one of Sigma's fields is found.
struct FieldName {
  // Names of the query language; a comparison holds if it holds for any. Empty: no source records it.
  std::vector<std::string> names;
  std::map<std::string, std::string> values;  // what some of its values are called here, by their folded text
};

// The fields of one log source.
struct FieldNames {
  std::map<std::string, FieldName, std::less<>> fields;
  // Fields that say when the event was: parts of them, such as their hour, are those of event_time.
  std::set<std::string, std::less<>> times;
  // Whether a field that is not listed is one that events have under its own name; otherwise no event has it.
  bool others = true;
  bool keywords = true;  // whether rules may ask for words anywhere in the event

  // nullptr where it is not listed.
  const FieldName* find(std::string_view field) const {
    const auto found = fields.find(field);
    return found == fields.end() ? nullptr : &found->second;
  }
};

}  // namespace sightline::detect::sigma
