// The OpenAPI document against the table of routes. tests/api holds it against a running server.
#include "server/api/openapi.h"

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <string>

#include "server/api/routes.h"

namespace sightline::api {
namespace {

constexpr std::string_view kMethods[] = {"get", "post", "put", "patch", "delete"};

std::string upper_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

// "METHOD path" of every operation, and what its description says who may.
std::map<std::string, std::string> documented() {
  const YAML::Node document = YAML::Load(std::string(openapi_document()));
  std::map<std::string, std::string> operations;
  for (const auto& path : document["paths"]) {
    for (const auto& operation : path.second) {
      const std::string method = operation.first.as<std::string>();
      if (std::ranges::find(kMethods, method) == std::end(kMethods)) continue;
      operations[upper_case(method) + " " + path.first.as<std::string>()] =
          operation.second["description"].as<std::string>();
    }
  }
  return operations;
}

TEST(OpenApi, HasEveryRouteAndNoOther) {
  std::map<std::string, std::string> operations = documented();
  for (const RouteInfo& route : all_routes()) {
    const std::string name = std::string(route.method) + " " + std::string(route.pattern);
    ASSERT_TRUE(operations.contains(name)) << name << " is not in docs/api/openapi.yaml";
    std::string access = "Scope `" + std::string(route.access) + "`";
    if (route.access == "open") access = "No token";
    EXPECT_TRUE(operations[name].starts_with(access)) << name << " should say: " << access;
    operations.erase(name);
  }
  for (const auto& [name, description] : operations) ADD_FAILURE() << name << " is documented and does not exist";
}

TEST(OpenApi, EveryReferenceLeadsSomewhere) {
  const std::string text(openapi_document());
  const YAML::Node document = YAML::Load(text);
  constexpr std::string_view kReference = "$ref: \"#/components/";
  std::size_t count = 0;
  for (std::size_t at = text.find(kReference); at != std::string::npos; at = text.find(kReference, at + 1), ++count) {
    const std::size_t begin = at + kReference.size();
    const std::size_t slash = text.find('/', begin);
    const std::string kind = text.substr(begin, slash - begin);
    const std::string name = text.substr(slash + 1, text.find('"', slash) - slash - 1);
    EXPECT_TRUE(document["components"][kind][name]) << kind << "/" << name;
  }
  EXPECT_GT(count, 50U);
}

}  // namespace
}  // namespace sightline::api
