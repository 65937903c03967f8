// Starting, stopping, verifying; who is let in by which name; what the log says.
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <sstream>

#include "api_fixture.h"

namespace sightline::testing {
namespace {

class Lifecycle : public ApiTest {
 protected:
  std::string data() const { return (directory_.path() / "data").string(); }
  std::string log() const {
    std::ifstream stream(directory_.path() / "sightlined.log");
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  static Outcome sightlined(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), program("sightlined").string());
    return run_program(arguments);
  }
};

TEST_F(Lifecycle, TheFirstTokenIsItsOwnersAlone) {
  struct stat status{};
  ASSERT_EQ(::stat((data() + "/admin.token").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  ASSERT_EQ(::stat(data().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700U);
}

TEST_F(Lifecycle, NobodyElseMayReadWhatIsKept) {
  post_json("/v1/events", R"({"event_time":1600362902289,"user":"intruder"})");
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(data())) {
    if (entry.is_symlink()) continue;
    const auto others = std::filesystem::perms::group_all | std::filesystem::perms::others_all;
    EXPECT_EQ(entry.status().permissions() & others, std::filesystem::perms::none) << entry.path();
    ++files;
  }
  EXPECT_GT(files, 10U);
}

TEST_F(Lifecycle, ATokenThatMayOnlySendLearnsNothingOfWhatIsStored) {
  post_json("/v1/events", R"({"event_time":1600362902289,"secret_project":{"name":"x"}})");
  const std::string sender = make_token("ingest");
  for (const char* path : {"/v1/fields", "/v1/agents", "/v1/statistics", "/v1/quarantine", "/v1/alerts", "/v1/rules"}) {
    EXPECT_EQ(ask("GET", path, sender).status, 403) << path;
  }
  EXPECT_EQ(ask("GET", "/v1/fields", make_token("search")).status, 200);
}

TEST_F(Lifecycle, WhatWasAcknowledgedIsThereAfterARestart) {
  post_json("/v1/events", R"({"event_time":1600362902289,"user":"intruder"})");
  EXPECT_EQ(server_->stop(), 0);
  start();
  EXPECT_EQ(search({{"query", "user = 'intruder'"}}).at("events").as_array().size(), 1U);
  EXPECT_EQ(get_json("/v1/alerts").at("alerts").as_array().size(), 1U);
  server_->kill();
  start();
  EXPECT_EQ(search({{"query", "user = 'intruder'"}}).at("events").as_array().size(), 1U);
}

TEST_F(Lifecycle, VerifiesItselfOnlineAndOffline) {
  post_json("/v1/events", R"({"event_time":1600362902289,"user":"intruder"})");
  const RawResponse response = post("/v1/verify", "");
  EXPECT_EQ(response.status, 200);
  const std::string last = response.body.substr(response.body.rfind('\n', response.body.size() - 2) + 1);
  const json::object report = json::parse(last).at("report").as_object();
  EXPECT_EQ(report.at("intact"), as_json(true));
  EXPECT_EQ(report.at("events"), as_json(1));
  const std::string head(report.at("head").at("link").as_string());
  EXPECT_EQ(sightlined({"verify", "--data", data()}).exit_code, 3);  // the server has it
  EXPECT_EQ(server_->stop(), 0);
  const Outcome offline = sightlined({"verify", "--data", data(), "--expect-head", head});
  EXPECT_EQ(offline.exit_code, 0) << offline.out << offline.err;
  EXPECT_NE(offline.out.find("intact: 1 batches, 1 events, 1 alerts"), std::string::npos) << offline.out;
  const Outcome other = sightlined({"verify", "--data", data(), "--json", "--expect-head", std::string(64, '0')});
  EXPECT_EQ(other.exit_code, 1) << other.out << other.err;
  EXPECT_EQ(json::parse(other.out).at("intact"), as_json(false));
}

TEST_F(Lifecycle, MakesTokensOffline) {
  EXPECT_EQ(server_->stop(), 0);
  const Outcome made = sightlined({"token", "create", "--data", data(), "--name", "scraper", "--scope", "metrics"});
  EXPECT_EQ(made.exit_code, 0) << made.err;
  const Outcome listed = sightlined({"token", "list", "--data", data()});
  EXPECT_NE(listed.out.find("metrics  scraper"), std::string::npos) << listed.out;
  EXPECT_EQ(sightlined({"token", "create", "--data", data(), "--name", "x", "--scope", "nonsense"}).exit_code, 2);
  start();
  const std::string secret = made.out.substr(0, made.out.find('\n'));
  EXPECT_EQ(ask("GET", "/metrics", secret).status, 200);
  EXPECT_EQ(ask("GET", "/v1/alerts", secret).status, 403);
}

TEST_F(Lifecycle, ARevokedTokenIsUnknown) {
  const std::string secret = make_token("search");
  EXPECT_EQ(ask("GET", "/v1/statistics", secret).status, 200);
  const std::string id(get_json("/v1/tokens").at("tokens").as_array().back().at("id").as_string());
  EXPECT_EQ(ask("DELETE", "/v1/tokens/" + id, admin_).status, 204);
  EXPECT_EQ(ask("GET", "/v1/statistics", secret).status, 401);
  EXPECT_EQ(ask("DELETE", "/v1/tokens/0000", admin_).status, 404);
}

TEST_F(Lifecycle, RefusesForeignNames) {
  RawClient rebinding(server_->port());
  EXPECT_EQ(rebinding.ask("GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n").status, 403);
  EXPECT_EQ(ask("GET", "/healthz", "", "", {"Origin: http://evil.example"}).status, 403);
  EXPECT_EQ(ask("GET", "/healthz", "").status, 200);
}

TEST_F(Lifecycle, TheLogHasNoSecrets) {
  const std::string secret = make_token("search");
  ask("POST", "/v1/search?token=in-the-query", secret, R"({"query":"user = \"secret-name\""})");
  ask("GET", "/v1/alerts", "sl_wrong_token_0123456789abcdef");
  EXPECT_EQ(server_->stop(), 0);
  const std::string text = log();
  EXPECT_NE(text.find(R"("message":"request","request_id")"), std::string::npos);
  EXPECT_NE(text.find("unknown_token"), std::string::npos);
  for (const std::string& hidden :
       {secret, admin_, std::string("secret-name"), std::string("in-the-query"), std::string("wrong_token")}) {
    EXPECT_EQ(text.find(hidden), std::string::npos) << hidden;
  }
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    boost::system::error_code error;
    json::parse(line, error);
    EXPECT_FALSE(error) << line;
  }
}

TEST_F(Lifecycle, LoadsRulesAgainOnHangup) {
  write_rule("intruder.yaml", "id: nobody-seen\ntitle: t\ndescription: d\nseverity: 3\nfilter: user = \"nobody\"\n");
  ::kill(server_->pid(), SIGHUP);
  // Nothing tells a client when a signal has been dealt with: ask until it has.
  std::string id;
  while (id != "nobody-seen") id = get_json("/v1/rules").at("rules").as_array().at(0).at("id").as_string();
  EXPECT_EQ(post_json("/v1/events", R"({"event_time":1600362902289,"user":"intruder"})").at("accepted"), as_json(1));
  EXPECT_EQ(get_json("/v1/alerts").at("alerts").as_array().size(), 0U);
}

TEST_F(Lifecycle, SaysWhatItNeeds) {
  const Outcome open = sightlined({"serve", "--data", data(), "--listen", "0.0.0.0:8080"});
  EXPECT_EQ(open.exit_code, 2);
  EXPECT_NE(open.err.find("TLS"), std::string::npos);
  EXPECT_EQ(sightlined({"serve", "--data", data(), "--listen", "127.0.0.1:0"}).exit_code, 3);  // the server has it
  EXPECT_EQ(sightlined({"serve"}).exit_code, 2);
  EXPECT_EQ(sightlined({}).exit_code, 2);
  EXPECT_EQ(sightlined({"verify", "--data", "/nonexistent"}).exit_code, 3);
  EXPECT_EQ(sightlined({"--version"}).out.substr(0, 11), "sightlined ");
  EXPECT_NE(sightlined({"serve", "--help"}).out.find("Examples:"), std::string::npos);
}

TEST_F(Lifecycle, CountsWhatHappens) {
  post_json("/v1/events", "{\"event_time\":1600362902289,\"user\":\"intruder\"}\nbad\n");
  ask("GET", "/v1/alerts", "");
  const std::string metrics = get("/metrics").body;
  for (const char* line : {"\nsightline_ingest_events_total 1\n", "\nsightline_ingest_rejected_lines_total 1\n",
                           "\nsightline_alerts_opened_total 1\n", "\nsightline_ready 1\n",
                           "sightline_http_refusals_total{reason=\"no_token\"} 1\n",
                           "sightline_http_requests_total{method=\"POST\",route=\"/v1/events\",status=\"200\"} 1\n"}) {
    EXPECT_NE(metrics.find(line), std::string::npos) << line << metrics;
  }
}

}  // namespace
}  // namespace sightline::testing
