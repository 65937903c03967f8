// Holds a JSON value against a schema of an OpenAPI document: the part of JSON Schema that ours uses.
#pragma once

#include <yaml-cpp/yaml.h>

#include <boost/json/value.hpp>
#include <string>
#include <vector>

namespace sightline::testing {

// Follows a $ref into `document`; other nodes come back as they are.
YAML::Node resolve(const YAML::Node& document, const YAML::Node& node);

// What does not fit, each with its place ("/events/0/id"). Knows type, required, properties, items, enum, oneOf, allOf.
std::vector<std::string> check_schema(const YAML::Node& document, const YAML::Node& schema,
                                      const boost::json::value& value, const std::string& place = "");

// An example of the document as JSON.
boost::json::value to_json(const YAML::Node& node);

}  // namespace sightline::testing
