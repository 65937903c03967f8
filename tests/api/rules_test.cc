// Rules through the API: what they did, who keeps and changes them.
#include <thread>

#include "api_fixture.h"

namespace sightline::testing {
namespace {

class Rules : public ApiTest {
 protected:
  void send_intruder() const {
    post_json("/v1/events", R"({"event_time":1600362902289,"event_type":"login","user":"intruder"})");
  }
  RawResponse put(const std::string& id, const std::string& text, const std::vector<std::string>& headers = {}) const {
    return ask("PUT", "/v1/rules/" + id, admin_, text, headers);
  }
  json::object rule(const std::string& id) const { return get_json("/v1/rules/" + id); }
};

TEST_F(Rules, SayWhatTheyDid) {
  write_rule("quiet.yaml",
             "id: quiet\ntitle: Q\nseverity: 3\nfilter: user = \"intruder\"\nsuppressions: [user = \"intruder\"]\n");
  post_json("/v1/rules/reload", "");
  send_intruder();
  send_intruder();
  const json::object seen = rule("intruder-seen").at("statistics").as_object();
  EXPECT_EQ(seen.at("matches"), as_json(2));
  EXPECT_EQ(seen.at("suppressed"), as_json(0));
  EXPECT_GT(seen.at("last_match").as_int64(), 1'600'000'000'000);
  const json::object quiet = rule("quiet").at("statistics").as_object();
  EXPECT_EQ(quiet.at("matches"), as_json(0));
  EXPECT_EQ(quiet.at("suppressed"), as_json(2));
  EXPECT_TRUE(quiet.at("last_match").is_null());
  post_json("/v1/rules/reload", "");
  EXPECT_EQ(rule("intruder-seen").at("statistics").at("matches"), as_json(2)) << "counters go on";
  EXPECT_EQ(get("/v1/rules/nothing").status, 404);
  const std::string metrics = get("/metrics").body;
  EXPECT_NE(metrics.find("sightline_rule_matches_total{rule=\"intruder-seen\"} 2"), std::string::npos);
}

constexpr std::string_view kMine = "id: mine\ntitle: T\nseverity: 2\nfilter: user = \"intruder\"\n";

std::string mine_about(std::string_view user) {
  return fmt::format("id: mine\ntitle: T\nseverity: 2\nfilter: user = \"{}\"\n", user);
}

TEST_F(Rules, AreKeptThroughTheApi) {
  const RawResponse made = put("mine", std::string(kMine));
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.header("etag"), "\"1\"");
  send_intruder();
  const json::array alerts = get_json("/v1/alerts?rule_id=mine").at("alerts").as_array();
  ASSERT_EQ(alerts.size(), 1U) << "in force when the answer comes";
  EXPECT_EQ(alerts.at(0).at("rule_fingerprint"), rule("mine").at("fingerprint"));
  EXPECT_EQ(rule("mine").at("origin"), as_json("api"));
  EXPECT_EQ(rule("mine").at("text"), as_json(kMine));
  EXPECT_EQ(rule("intruder-seen").at("origin"), as_json("file"));

  EXPECT_EQ(put("mine", mine_about("other")).status, 200);
  send_intruder();
  EXPECT_EQ(get_json("/v1/alerts?rule_id=mine").at("alerts").as_array().size(), 1U);
  EXPECT_EQ(object_of(put("mine", mine_about("other"))).at("outcome"), as_json("unchanged"));

  const json::array versions = get_json("/v1/rules/mine/versions").at("versions").as_array();
  ASSERT_EQ(versions.size(), 2U);
  EXPECT_EQ(versions.at(1).at("text"), as_json(kMine));
  EXPECT_EQ(versions.at(1).at("fingerprint"), alerts.at(0).at("rule_fingerprint"));
  EXPECT_EQ(post_json("/v1/rules/mine/restore", R"({"version":1})").at("version"), as_json(3));
  send_intruder();
  EXPECT_EQ(get_json("/v1/alerts?rule_id=mine").at("alerts").as_array().size(), 2U);

  EXPECT_EQ(ask("DELETE", "/v1/rules/mine", admin_).status, 204);
  EXPECT_EQ(get("/v1/rules/mine").status, 404);
  EXPECT_EQ(ask("DELETE", "/v1/rules/mine", admin_).status, 404);
  EXPECT_EQ(get_json("/v1/rules/mine/versions").at("versions").as_array().size(), 4U) << "what it was stays known";
}

TEST_F(Rules, AreTheSameAfterTheServerWasKilled) {
  ASSERT_EQ(put("mine", std::string(kMine)).status, 201);
  ASSERT_EQ(put("mine", mine_about("other")).status, 200);
  ASSERT_EQ(put("gone", "id: gone\ntitle: T\nseverity: 2\nfilter: pid = 1\n").status, 201);
  ASSERT_EQ(ask("DELETE", "/v1/rules/gone", admin_).status, 204);
  ASSERT_EQ(ask("PATCH", "/v1/rules/intruder-seen", admin_, R"({"enabled":false})").status, 200);
  server_->kill();
  start();
  EXPECT_EQ(rule("mine").at("version"), as_json(2));
  EXPECT_EQ(get("/v1/rules/gone").status, 404);
  EXPECT_EQ(rule("intruder-seen").at("state"), as_json("inactive"));
  EXPECT_EQ(rule("intruder-seen").at("reason"), as_json("switched off through the API"));
  send_intruder();
  EXPECT_TRUE(get_json("/v1/alerts").at("alerts").as_array().empty());
  EXPECT_EQ(ask("PATCH", "/v1/rules/intruder-seen", admin_, R"({"enabled":true})").status, 200);
  send_intruder();
  EXPECT_EQ(get_json("/v1/alerts").at("alerts").as_array().size(), 1U);
}

TEST_F(Rules, OverrideAFileWhereThatIsSaid) {
  const std::string text = "id: intruder-seen\ntitle: Mine\nseverity: 2\nfilter: user = \"nobody\"\n";
  const RawResponse refused = put("intruder-seen", text);
  EXPECT_EQ(refused.status, 409);
  EXPECT_NE(refused.body.find("intruder.yaml:1"), std::string::npos) << refused.body;
  EXPECT_EQ(put("intruder-seen?override=true", text).status, 201);
  const json::object mine = rule("intruder-seen");
  EXPECT_EQ(mine.at("title"), as_json("Mine"));
  EXPECT_TRUE(std::string(mine.at("overrides").as_string()).ends_with("intruder.yaml:1"));
  EXPECT_EQ(ask("DELETE", "/v1/rules/intruder-seen", admin_).status, 204);
  EXPECT_EQ(rule("intruder-seen").at("origin"), as_json("file"));
  EXPECT_EQ(ask("DELETE", "/v1/rules/intruder-seen", admin_).status, 409);
}

TEST_F(Rules, AreRefusedWithThePlaceAndAHint) {
  const RawResponse refused = put("mine", "id: mine\ntitle: T\nseverity: 2\nfilter: usr = \"x\"\n");
  EXPECT_EQ(refused.status, 400);
  const json::object error = object_of(refused).at("error").as_object();
  EXPECT_EQ(error.at("code"), as_json("invalid_rule"));
  const json::object problem = error.at("problems").as_array().at(0).as_object();
  EXPECT_EQ(problem.at("line"), as_json(4));
  EXPECT_EQ(problem.at("column"), as_json(9));
  EXPECT_EQ(problem.at("hint"), as_json("did you mean user?"));
  EXPECT_EQ(get("/v1/rules/mine").status, 404);
  EXPECT_EQ(put("other", std::string(kMine)).status, 400) << "the text is about another rule";
  EXPECT_EQ(put("mine", std::string(kMine) + "---\nid: more\ntitle: T\nseverity: 2\nfilter: pid = 1\n").status, 400);
  EXPECT_EQ(put("mine", "").status, 400);
  EXPECT_EQ(put("mine", std::string((1U << 20U) + 1, ' ')).status, 413);
  const json::object checked = post_json("/v1/rules/check", "id: mine\ntitle: T\nseverity: 2\nfilter: usr = \"x\"\n");
  EXPECT_EQ(checked.at("valid"), as_json(false));
  EXPECT_EQ(checked.at("problems").as_array().at(0), json::value(problem));
  EXPECT_EQ(post_json("/v1/rules/check", std::string(kMine)).at("valid"), as_json(true));
  EXPECT_EQ(get("/v1/rules/mine").status, 404) << "checking keeps nothing";
}

TEST_F(Rules, ChangeOnlyWhatSomebodyLookedAt) {
  const std::string text(kMine);
  EXPECT_EQ(put("mine", text, {"If-Match: \"1\""}).status, 412);
  EXPECT_EQ(put("mine", text, {"If-Match: *"}).status, 412);
  EXPECT_EQ(put("mine", text, {"If-None-Match: *"}).status, 201);
  EXPECT_EQ(put("mine", text, {"If-None-Match: *"}).status, 412);
  EXPECT_EQ(put("mine", mine_about("a"), {"If-Match: " + get("/v1/rules/mine").header("etag")}).status, 200);
  EXPECT_EQ(put("mine", mine_about("b"), {"If-Match: \"1\""}).status, 412);
  EXPECT_EQ(put("mine", mine_about("b"), {"If-Match: 2"}).status, 400);
  EXPECT_EQ(ask("DELETE", "/v1/rules/mine", admin_, "", {"If-Match: \"1\""}).status, 412);
  EXPECT_EQ(ask("DELETE", "/v1/rules/mine", admin_, "", {"If-Match: \"2\""}).status, 204);
}

TEST_F(Rules, AreReadAndChangedByWhoMay) {
  ASSERT_EQ(put("mine", std::string(kMine)).status, 201);
  const std::string reader = make_token("rules_read");
  const std::string writer = make_token("rules_write");
  EXPECT_EQ(ask("GET", "/v1/rules/mine", reader).status, 200);
  EXPECT_EQ(ask("GET", "/v1/rules/mine/versions", reader).status, 200);
  EXPECT_EQ(ask("POST", "/v1/rules/check", reader, std::string(kMine)).status, 200);
  EXPECT_EQ(ask("PUT", "/v1/rules/mine", reader, std::string(kMine)).status, 403);
  EXPECT_EQ(ask("PATCH", "/v1/rules/mine", reader, R"({"enabled":false})").status, 403);
  EXPECT_EQ(ask("POST", "/v1/rules/mine/restore", reader, R"({"version":1})").status, 403);
  EXPECT_EQ(ask("DELETE", "/v1/rules/mine", reader).status, 403);
  EXPECT_EQ(ask("GET", "/v1/rules/mine", writer).status, 403);
  EXPECT_EQ(ask("PUT", "/v1/rules/mine", writer, mine_about("x")).status, 200);
  const std::string by(rule("mine").at("changed_by").as_string());
  EXPECT_TRUE(by.starts_with("token:")) << by;
  const json::object newest = get_json("/v1/audit-log?limit=1").at("entries").as_array().at(0).as_object();
  EXPECT_EQ(newest.at("action"), as_json("rule.put"));
  EXPECT_EQ(newest.at("subject"), as_json("mine"));
  EXPECT_EQ(newest.at("principal"), as_json(by));
}

// Every batch is tried with the rules before a change or those after it, and nothing else.
TEST_F(Rules, ChangeWhileTelemetryComesIn) {
  ASSERT_EQ(put("mine", mine_about("intruder")).status, 201);
  constexpr int kBatches = 40;
  std::jthread sender([this] {
    for (int i = 0; i < kBatches; ++i) send_intruder();
  });
  for (int i = 0; i < 20; ++i) EXPECT_EQ(put("mine", mine_about(i % 2 == 0 ? "other" : "intruder")).status, 200);
  sender.join();
  EXPECT_EQ(get_json("/v1/alerts?rule_id=intruder-seen&limit=1000").at("alerts").as_array().size(), kBatches);
  const json::object statistics = rule("mine").at("statistics").as_object();
  EXPECT_EQ(static_cast<std::int64_t>(get_json("/v1/alerts?rule_id=mine&limit=1000").at("alerts").as_array().size()),
            statistics.at("matches").as_int64());
}

}  // namespace
}  // namespace sightline::testing
