// The investigation, end to end: raw audit lines and raw CloudTrail JSON into a real server, its queries through the
// command line and through the API, and exactly the events that the generator's answer file names come back.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "harness/program.h"
#include "http_client/http_client.h"
#include "testing/temporary_directory.h"

namespace sightline {
namespace {

namespace json = boost::json;
using testing::Outcome;
using testing::program;
using testing::run_program;

// An event's identity that does not depend on our ids: what its source calls it.
using Identities = std::multiset<std::string>;

std::string text_of(const json::object& object, std::string_view member) {
  const json::value* value = object.if_contains(member);
  if (value == nullptr || value->is_null()) return "";
  return value->is_string() ? std::string(value->as_string()) : json::serialize(*value);
}

std::string identity(const json::object& event) {
  if (const std::string id = text_of(event, "eventID"); !id.empty()) return "cloudtrail " + id;
  return "audit " + text_of(event, "agent_id") + ' ' + text_of(event, "event_time") + ' ' + text_of(event, "serial");
}

class Article : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = new testing::TemporaryDirectory;
    const Outcome made = run_program({program("sightline-replay"), "--out", replay(), "--everyday", "3000"});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    std::ifstream stream(std::filesystem::path(replay()) / "answers.json");
    answers_ = new json::object(json::parse(std::string{std::istreambuf_iterator<char>(stream), {}}).as_object());
    server_ = new testing::ServerProcess(directory_->path() / "data", {"--rules", SIGHTLINE_RULES_DIR});
    for (const json::value& file : answers_->at("files").as_array()) ingest(file.as_object());
  }
  static void TearDownTestSuite() {
    EXPECT_EQ(server_->stop(), 0);
    delete server_;
    delete answers_;
    delete directory_;
  }

  static std::string replay() { return (directory_->path() / "replay").string(); }

  static void ingest(const json::object& file) {
    std::vector<std::string> command{program("sightline"), "ingest", "--format", text_of(file, "format")};
    for (const auto& [member, option] : {std::pair{"agent_id", "--agent-id"}, std::pair{"hostname", "--hostname"},
                                         std::pair{"instance_id", "--instance-id"}}) {
      if (const std::string value = text_of(file, member); !value.empty()) {
        command.insert(command.end(), {option, value});
      }
    }
    command.push_back(replay() + "/" + text_of(file, "name"));
    const Outcome sent = run_program(command, server_->client_environment());
    ASSERT_EQ(sent.exit_code, 0) << sent.out << sent.err;
  }

  // What the generator says a query must find.
  static Identities expected(const json::object& query) {
    std::map<std::string, std::string> agents;
    for (const json::value& file : answers_->at("files").as_array()) {
      agents[text_of(file.as_object(), "name")] = text_of(file.as_object(), "agent_id");
    }
    Identities identities;
    for (const json::value& reference : query.at("events").as_array()) {
      json::object event = reference.as_object();
      event["agent_id"] = agents[text_of(event, "file")];
      event["event_time"] = event["time"];
      identities.insert(identity(event));
    }
    return identities;
  }

  static Identities through_cli(const json::object& query) {
    std::vector<std::string> command{program("sightline"), "search", text_of(query, "query"),
                                     "--output",           "ndjson", "--all"};
    if (const std::string from = text_of(query, "from"); !from.empty()) command.insert(command.end(), {"--from", from});
    if (const std::string to = text_of(query, "to"); !to.empty()) command.insert(command.end(), {"--to", to});
    const Outcome found = run_program(command, server_->client_environment());
    EXPECT_EQ(found.exit_code, 0) << found.err;
    Identities identities;
    std::istringstream lines(found.out);
    for (std::string line; std::getline(lines, line);) identities.insert(identity(json::parse(line).as_object()));
    return identities;
  }

  // Page by page, in pages that do not divide the number of events.
  static Identities through_api(const json::object& query) {
    const auto client = make_curl_client();
    Identities identities;
    json::object body{{"query", query.at("query")}, {"limit", 37}};
    for (const char* bound : {"from", "to"}) {
      if (const json::value* value = query.if_contains(bound); value != nullptr && !value->is_null()) {
        body[bound] = *value;
      }
    }
    while (true) {
      const std::string text = json::serialize(body);
      const auto response = client->send(
          {.method = "POST",
           .url = server_->url() + "/v1/search",
           .headers = {{"Authorization", "Bearer " + server_->token()}, {"Content-Type", "application/json"}},
           .body = text,
           .on_piece = {},
           .ca_file = {}});
      if (!response || response->status != 200) {
        ADD_FAILURE() << (response ? response->body : response.error().message);
        return identities;
      }
      const json::object page = json::parse(response->body).as_object();
      for (const json::value& event : page.at("events").as_array()) identities.insert(identity(event.as_object()));
      const json::value* cursor = page.if_contains("cursor");
      if (cursor == nullptr || cursor->is_null()) return identities;
      body["cursor"] = *cursor;
    }
  }

  static testing::TemporaryDirectory* directory_;
  static json::object* answers_;
  static testing::ServerProcess* server_;
};

testing::TemporaryDirectory* Article::directory_ = nullptr;
json::object* Article::answers_ = nullptr;
testing::ServerProcess* Article::server_ = nullptr;

TEST_F(Article, QueriesFindExactlyTheAnswers) {
  ASSERT_GE(answers_->at("queries").as_array().size(), 4U);
  for (const json::value& entry : answers_->at("queries").as_array()) {
    const json::object& query = entry.as_object();
    SCOPED_TRACE(text_of(query, "name") + ": " + text_of(query, "query"));
    const Identities wanted = expected(query);
    EXPECT_FALSE(wanted.empty());
    EXPECT_EQ(through_cli(query), wanted);
    EXPECT_EQ(through_api(query), wanted);
  }
}

TEST_F(Article, AlertsAreOpenedForExactlyTheStorysEvents) {
  const Outcome listed = run_program({program("sightline"), "alerts", "list", "--limit", "1000", "--output", "ndjson"},
                                     server_->client_environment());
  ASSERT_EQ(listed.exit_code, 0) << listed.err;
  std::multiset<std::string> rules;
  std::istringstream lines(listed.out);
  for (std::string line; std::getline(lines, line);) {
    const json::object alert = json::parse(line).as_object();
    rules.insert(text_of(alert, "rule_id") + ' ' + text_of(alert, "event_time"));
  }
  for (const json::value& entry : answers_->at("alerts").as_array()) {
    const json::object& alert = entry.as_object();
    const std::string wanted = text_of(alert, "rule_id") + ' ' + text_of(alert.at("event").as_object(), "time");
    EXPECT_TRUE(rules.contains(wanted)) << wanted;
  }
}

TEST_F(Article, TheChainVerifies) {
  const Outcome verified = run_program({program("sightline"), "verify"}, server_->client_environment());
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
}

TEST_F(Article, SendingAFileAgainStoresNothingTwice) {
  const json::object& query = answers_->at("queries").as_array().front().as_object();
  const Identities before = through_cli(query);
  for (const json::value& file : answers_->at("files").as_array()) ingest(file.as_object());
  EXPECT_EQ(through_cli(query), before);
}

}  // namespace
}  // namespace sightline
