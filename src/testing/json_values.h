// The values of a JSON document, read by another parser than ours, and those of the event made of it.
#pragma once

#include <boost/json.hpp>
#include <charconv>
#include <map>
#include <string>
#include <vector>

#include "event/event.h"

namespace sightline::testing {

using Values = std::map<std::string, std::vector<std::string>>;

// Every value of the JSON but null, by its path, in order.
inline void collect_leaves(const boost::json::value& value, const std::string& path, Values& leaves) {
  switch (value.kind()) {
    case boost::json::kind::object:
      for (const auto& member : value.get_object()) {
        collect_leaves(member.value(),
                       path.empty() ? std::string(member.key()) : path + "." + std::string(member.key()), leaves);
      }
      return;
    case boost::json::kind::array:
      for (const auto& element : value.get_array()) collect_leaves(element, path, leaves);
      return;
    case boost::json::kind::string:
      leaves[path].emplace_back(value.get_string());
      return;
    case boost::json::kind::null:
      return;
    default:
      leaves[path].push_back(boost::json::serialize(value));
  }
}

// Every field and attribute of the event, by its name, in order.
inline Values values_of(const Event& event) {
  Values values;
  for (const FieldValue& value : event.fields()) {
    const FieldInfo& info = field_info(value.field);
    std::string text(value.text);
    if (info.type == FieldType::integer) text = std::to_string(value.integer);
    if (info.type == FieldType::boolean) text = value.integer != 0 ? "true" : "false";
    values[std::string(info.name)].push_back(std::move(text));
  }
  for (const Attribute& attribute : event.attributes()) {
    values[std::string(attribute.path)].emplace_back(attribute.text);
  }
  return values;
}

// The same text, or the same number.
inline bool same_value(const std::string& left, const std::string& right) {
  if (left == right) return true;
  double left_number = 0;
  double right_number = 0;
  const auto parsed = [](const std::string& text, double& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
  };
  return parsed(left, left_number) && parsed(right, right_number) && left_number == right_number;
}

}  // namespace sightline::testing
