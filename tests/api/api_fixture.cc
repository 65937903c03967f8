#include "api_fixture.h"

#include <fstream>

namespace sightline::testing {

void ApiTest::write_rule(const std::string& name, std::string_view text) const {
  std::ofstream(rules_ / name, std::ios::binary) << text;
}

RawResponse ApiTest::ask(const std::string& method, const std::string& path, const std::string& token,
                         const std::string& body, const std::vector<std::string>& headers) const {
  std::string request = fmt::format("{} {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n", method, path, server_->port());
  if (!token.empty()) request += "Authorization: Bearer " + token + "\r\n";
  for (const std::string& header : headers) request += header + "\r\n";
  if (!body.empty() || method == "POST" || method == "PATCH" || method == "PUT") {
    request += fmt::format("Content-Length: {}\r\n", body.size());
  }
  RawClient client(server_->port());
  client.send(request + "\r\n" + body);
  return client.read();
}

json::object object_of(const RawResponse& response) {
  boost::system::error_code error;
  json::value value = json::parse(response.body, error);
  if (!error && value.is_object()) return value.as_object();
  ADD_FAILURE() << response.status << " is no JSON object: " << response.body;
  return {};
}

std::string error_code(const RawResponse& response) {
  const json::object body = object_of(response);
  const json::value* error = body.if_contains("error");
  return error ? std::string(error->as_object().at("code").as_string()) : "";
}

json::object ApiTest::get_json(const std::string& path) const {
  const RawResponse response = get(path);
  EXPECT_EQ(response.status, 200) << response.body;
  return object_of(response);
}

json::object ApiTest::post_json(const std::string& path, const std::string& body) const {
  const RawResponse response = post(path, body);
  EXPECT_EQ(response.status, 200) << response.body;
  return object_of(response);
}

std::string ApiTest::make_token(const std::string& scope, const std::string& agent_id,
                                const std::string& source) const {
  const json::object spec{{"name", "test"}, {"scopes", {scope}}, {"agent_id", agent_id}, {"source", source}};
  const RawResponse made = post("/v1/tokens", json::serialize(spec));
  EXPECT_EQ(made.status, 201) << made.body;
  return std::string(object_of(made).at("secret").as_string());
}

}  // namespace sightline::testing
