// A running server and a client that speaks JSON with it.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <memory>
#include <string>
#include <vector>

#include "harness/program.h"
#include "testing/raw_http.h"
#include "testing/temporary_directory.h"

namespace sightline::testing {

namespace json = boost::json;

class ApiTest : public ::testing::Test {
 protected:
  // Fires on every event of the user "intruder".
  static constexpr std::string_view kRule =
      "id: intruder-seen\n"
      "title: '{{user}} on {{hostname}}'\n"
      "description: An intruder.\n"
      "severity: 1\n"
      "filter: user = \"intruder\"\n"
      "tags: [test]\n"
      "references: []\n"
      "tests:\n"
      "  - name: fires\n"
      "    fires: true\n"
      "    format: ndjson\n"
      "    input: '{\"event_time\":1600362902289,\"event_type\":\"login\",\"user\":\"intruder\"}'\n";

  void SetUp() override {
    rules_ = directory_.path() / "rules";
    std::filesystem::create_directories(rules_);
    write_rule("intruder.yaml", kRule);
    start();
  }
  void TearDown() override {
    if (server_ && server_->running()) {
      EXPECT_EQ(server_->stop(), 0);
    }
  }

  void start(std::vector<std::string> options = {}) {
    options.insert(options.end(), {"--rules", rules_.string()});
    server_ = std::make_unique<ServerProcess>(directory_.path() / "data", std::move(options));
    admin_ = server_->token();
  }
  void write_rule(const std::string& name, std::string_view text) const;

  // `token` empty: without Authorization. `headers` are whole lines.
  RawResponse ask(const std::string& method, const std::string& path, const std::string& token,
                  const std::string& body = "", const std::vector<std::string>& headers = {}) const;
  RawResponse get(const std::string& path) const { return ask("GET", path, admin_); }
  RawResponse post(const std::string& path, const std::string& body,
                   const std::vector<std::string>& headers = {}) const {
    return ask("POST", path, admin_, body, headers);
  }
  json::object get_json(const std::string& path) const;
  json::object post_json(const std::string& path, const std::string& body) const;
  // The answer to a search; fails the test where it is not 200.
  json::object search(const json::object& request) const { return post_json("/v1/search", json::serialize(request)); }

  // A token's secret.
  std::string make_token(const std::string& scope, const std::string& agent_id = "",
                         const std::string& source = "") const;

  TemporaryDirectory directory_;
  std::filesystem::path rules_;
  std::unique_ptr<ServerProcess> server_;
  std::string admin_;
};

// For comparisons with what an answer holds.
inline json::value as_json(bool truth) { return json::value(truth); }
inline json::value as_json(int number) { return json::value(number); }
inline json::value as_json(std::string_view text) { return json::value(json::string_view(text.data(), text.size())); }
inline json::value as_json(const char* text) { return as_json(std::string_view(text)); }

// The body as an object; fails the test where it is none.
json::object object_of(const RawResponse& response);
std::string error_code(const RawResponse& response);

}  // namespace sightline::testing
