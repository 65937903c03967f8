// Every operation of the OpenAPI document, asked of a running server: with all rights, with none, with too few.
#include <sstream>

#include "api_fixture.h"
#include "schema_check.h"

namespace sightline::testing {
namespace {

struct Operation {
  std::string method;  // upper case
  std::string path;    // as documented
  YAML::Node node;
};

class OpenApi : public ApiTest {
 protected:
  void SetUp() override {
    ApiTest::SetUp();
    document_ = YAML::LoadFile(SIGHTLINE_OPENAPI);
    post_json("/v1/events",
              R"({"event_time":1600362902289,"event_type":"login","user":"intruder","hostname":"web-1"})");
    post_json("/v1/events", "not json");
    event_id_ = search({{"query", "user = 'intruder'"}}).at("events").as_array().at(0).at("id").as_string();
    alert_id_ = get_json("/v1/alerts").at("alerts").as_array().at(0).at("id").as_string();
    ask("PUT", "/v1/rules/tmp-exec", admin_, "id: tmp-exec\ntitle: T\nseverity: 2\nfilter: exe starts_with '/tmp/'\n");
    make_token("search");
    token_id_ = get_json("/v1/tokens").at("tokens").as_array().back().at("id").as_string();
    metrics_token_ = make_token("metrics");
  }

  std::vector<Operation> operations() const {
    std::vector<Operation> found;
    for (const auto& path : document_["paths"]) {
      for (const auto& operation : path.second) {
        std::string method = operation.first.as<std::string>();
        if (method == "parameters") continue;
        std::transform(method.begin(), method.end(), method.begin(), [](unsigned char c) { return std::toupper(c); });
        found.push_back({method, path.first.as<std::string>(), operation.second});
      }
    }
    return found;
  }

  std::string concrete_path(std::string path) const {
    const auto fill = [&](std::string_view prefix, std::string_view name, const std::string& value) {
      const std::size_t at = path.find(name);
      if (path.starts_with(prefix) && at != std::string::npos) path.replace(at, name.size(), value);
    };
    fill("/v1/events/", "{id}", event_id_);
    fill("/v1/alerts/", "{id}", alert_id_);
    fill("/v1/tokens/", "{id}", token_id_);
    fill("/v1/rules/", "{id}", "tmp-exec");
    fill("/v1/ingest/", "{format}", "auditd");
    return path;
  }

  std::string example_body(const Operation& operation) const {
    if (!operation.node["requestBody"]) return "";
    for (const auto& content : operation.node["requestBody"]["content"]) {
      const YAML::Node example = content.second["example"];
      return content.first.as<std::string>() == "application/json" ? json::serialize(to_json(example))
                                                                   : example.as<std::string>();
    }
    return "";
  }

  RawResponse ask_for(const Operation& operation, const std::string& token) const {
    return ask(operation.method, concrete_path(operation.path), token, example_body(operation));
  }

  // The status is documented, and the body is what the document says for it.
  void expect_documented(const Operation& operation, const RawResponse& response) const {
    const YAML::Node documented = operation.node["responses"][std::to_string(response.status)];
    ASSERT_TRUE(documented) << response.status << " is not documented: " << response.body;
    const YAML::Node contents = resolve(document_, documented)["content"];
    if (!contents) {
      EXPECT_EQ(response.body, "");
      return;
    }
    const std::string type = response.header("content-type");
    const std::string media_type = type.substr(0, type.find(';'));
    ASSERT_TRUE(contents[media_type]) << "the media type " << media_type << " is not documented";
    const YAML::Node schema = contents[media_type]["schema"];
    if (media_type == "application/json") expect_fits(schema, response.body);
    if (media_type != "application/x-ndjson") return;
    std::istringstream lines(response.body);
    for (std::string line; std::getline(lines, line);) expect_fits(schema, line);
  }

  void expect_fits(const YAML::Node& schema, const std::string& body) const {
    boost::system::error_code error;
    const json::value value = json::parse(body, error);
    ASSERT_FALSE(error) << body;
    for (const std::string& problem : check_schema(document_, schema, value)) ADD_FAILURE() << problem;
  }

  YAML::Node document_;
  std::string event_id_;
  std::string alert_id_;
  std::string token_id_;
  std::string metrics_token_;
};

TEST_F(OpenApi, AnswersAsDocumented) {
  ASSERT_GT(operations().size(), 20U);
  for (const Operation& operation : operations()) {
    SCOPED_TRACE(operation.method + " " + operation.path);
    const RawResponse response = ask_for(operation, admin_);
    EXPECT_GE(response.status, 200) << response.body;
    EXPECT_LT(response.status, 300) << response.body;
    EXPECT_TRUE(response.complete);
    expect_documented(operation, response);
  }
}

TEST_F(OpenApi, AsksForTheTokenAndScopeAsDocumented) {
  for (const Operation& operation : operations()) {
    SCOPED_TRACE(operation.method + " " + operation.path);
    const bool open = operation.node["security"] && operation.node["security"].size() == 0;
    const RawResponse without = ask_for(operation, "");
    EXPECT_EQ(without.status, open ? 200 : 401);
    if (!open) {
      EXPECT_EQ(without.header("www-authenticate"), "Bearer realm=\"sightline\"");
    }
    expect_documented(operation, without);
    const RawResponse unknown = ask_for(operation, "sl_0123456789abcdef0123456789abcdef");
    EXPECT_EQ(unknown.status, open ? 200 : 401);
    if (operation.path == "/metrics") continue;
    const RawResponse too_few = ask_for(operation, metrics_token_);
    const bool needs_scope = operation.node["responses"]["403"].IsDefined();
    EXPECT_EQ(too_few.status, needs_scope ? 403 : 200);
    expect_documented(operation, too_few);
  }
}

TEST_F(OpenApi, ServesTheDocumentItself) {
  const RawResponse response = ask("GET", "/openapi.yaml", "");
  EXPECT_EQ(YAML::Dump(YAML::Load(response.body)), YAML::Dump(document_));
}

}  // namespace
}  // namespace sightline::testing
