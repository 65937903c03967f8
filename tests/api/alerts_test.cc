// Alerts and rules through the API.
#include <fstream>
#include <set>

#include "api_fixture.h"

namespace sightline::testing {
namespace {

class Alerts : public ApiTest {
 protected:
  void send_intruder(int count) const {
    for (int i = 0; i < count; ++i) {
      post_json(
          "/v1/events",
          fmt::format(
              R"({{"event_time":{},"event_type":"login","user":"intruder","hostname":"web-{}","agent_id":"a{}"}})",
              1'600'362'902'000 + i, i, i));
    }
  }
  json::array list(const std::string& parameters = "") const {
    return get_json("/v1/alerts" + parameters).at("alerts").as_array();
  }
  RawResponse patch(const std::string& id, const std::string& body) const {
    return ask("PATCH", "/v1/alerts/" + id, admin_, body);
  }
};

TEST_F(Alerts, HoldTheirEventsWhole) {
  send_intruder(1);
  ASSERT_EQ(list().size(), 1U);
  const json::object alert = list().at(0).as_object();
  EXPECT_EQ(alert.at("title"), as_json("intruder on web-0"));
  EXPECT_EQ(alert.at("severity"), as_json(1));
  EXPECT_EQ(alert.at("status"), as_json("open"));
  const std::string id(alert.at("id").as_string());
  const json::array events = get_json("/v1/alerts/" + id + "/events").at("events").as_array();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events.at(0).at("user"), as_json("intruder"));
  EXPECT_TRUE(events.at(0).as_object().contains("original"));
  EXPECT_EQ(get_json("/v1/alerts/" + id).at("events").as_array(), events);
  EXPECT_EQ(get("/v1/alerts/nothing").status, 404);
  EXPECT_EQ(get("/v1/alerts/nothing/events").status, 404);
}

TEST_F(Alerts, AreFilteredAndPaged) {
  send_intruder(5);
  EXPECT_EQ(list("?severity=1").size(), 5U);
  EXPECT_EQ(list("?severity=2").size(), 0U);
  EXPECT_EQ(list("?agent_id=a3").size(), 1U);
  EXPECT_EQ(list("?rule_id=intruder-seen&status=open&from=now-1h").size(), 5U);
  EXPECT_EQ(list("?to=now-1h").size(), 0U);
  std::set<std::string> seen;
  std::string cursor;
  int pages = 0;
  do {
    const json::object page = get_json("/v1/alerts?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor));
    for (const json::value& alert : page.at("alerts").as_array()) seen.emplace(alert.at("id").as_string());
    cursor = page.at("cursor").is_null() ? "" : std::string(page.at("cursor").as_string());
  } while (!cursor.empty() && ++pages < 10);
  EXPECT_EQ(seen.size(), 5U);
  for (const char* bad : {"?severity=4", "?status=closed", "?limit=0", "?limit=1001", "?cursor=x", "?from=1", "?x=1"}) {
    EXPECT_EQ(get(std::string("/v1/alerts") + bad).status, 400) << bad;
  }
}

TEST_F(Alerts, AreDismissedWithAReasonAndOpenedAgain) {
  send_intruder(1);
  const std::string id(list().at(0).at("id").as_string());
  EXPECT_EQ(patch(id, R"({"status":"dismissed"})").status, 400);
  EXPECT_EQ(patch(id, R"({"status":"dismissed","reason":"OTHER"})").status, 400);
  EXPECT_EQ(patch(id, R"({"status":"open"})").status, 409);
  const RawResponse dismissed = patch(id, R"({"status":"dismissed","reason":"MAINTENANCE","text":"upgrade"})");
  EXPECT_EQ(dismissed.status, 200) << dismissed.body;
  EXPECT_EQ(object_of(dismissed).at("dismissal").at("reason"), as_json("MAINTENANCE"));
  EXPECT_EQ(list("?status=open").size(), 0U);
  EXPECT_EQ(patch(id, R"({"status":"dismissed","reason":"MAINTENANCE"})").status, 409);
  EXPECT_EQ(patch(id, R"({"status":"open"})").status, 200);
  EXPECT_EQ(list("?status=open").size(), 1U);
  const json::array log = get_json("/v1/audit-log?limit=2").at("entries").as_array();
  ASSERT_EQ(log.size(), 2U);
  EXPECT_EQ(log.at(0).at("subject"), as_json(id));
  EXPECT_EQ(log.at(1).at("action"), as_json("alert.dismiss"));
  EXPECT_EQ(patch("nothing", R"({"status":"open"})").status, 404);
}

TEST_F(Alerts, RulesHaveStates) {
  write_rule(
      "other.yaml",
      "id: tampering\ntitle: t\ndescription: d\nseverity: 2\nfilter: event_type = \"cloudtrail\" AND eventName = "
      "\"StopLogging\"\n");
  write_rule("broken.yaml", "id: broken\ntitle: t\ndescription: d\nseverity: 2\nfilter: nonsense_field = 1\n");
  EXPECT_EQ(post_json("/v1/rules/reload", "").at("loaded"), as_json(2));
  const json::object rules = get_json("/v1/rules");
  ASSERT_EQ(rules.at("rules").as_array().size(), 2U);
  EXPECT_EQ(rules.at("rules").as_array().at(0).at("state"), as_json("active"));
  EXPECT_EQ(rules.at("rules").as_array().at(1).at("state"), as_json("inactive"));  // no CloudTrail has come in
  ASSERT_EQ(rules.at("refused").as_array().size(), 1U);
  EXPECT_EQ(rules.at("refused").as_array().at(0).at("id"), as_json("broken"));
}

TEST_F(Alerts, OfARulesetOpenOnItsHostsAlone) {
  write_rule("rulesets.yaml", "ruleset: web servers\nrules: [intruder-seen]\nhosts: [web]\n");
  EXPECT_EQ(post_json("/v1/rules/reload", "").at("refused"), as_json(0));
  send_intruder(2);
  EXPECT_EQ(list().size(), 0U);
  const RawResponse tagged = ask("PATCH", "/v1/agents/a1", admin_, R"({"tags":["web","prod","web"]})");
  ASSERT_EQ(tagged.status, 200) << tagged.body;
  EXPECT_EQ(object_of(tagged).at("tags"), json::array({"prod", "web"}));
  send_intruder(2);
  ASSERT_EQ(list().size(), 1U);
  EXPECT_EQ(list().at(0).at("agent_id"), as_json("a1"));
  const json::array agents = get_json("/v1/agents").at("agents").as_array();
  ASSERT_EQ(agents.size(), 2U);
  EXPECT_EQ(agents.at(0).at("tags"), json::array());
  EXPECT_EQ(agents.at(1).at("tags"), json::array({"prod", "web"}));
  const json::object noted = get_json("/v1/audit-log").at("entries").at(0).as_object();
  EXPECT_EQ(noted.at("action"), as_json("agent.tag"));
  EXPECT_EQ(noted.at("subject"), as_json("a1"));
}

TEST_F(Alerts, TagsOfAgentsAreCheckedAndMayComeFirst) {
  for (const char* body : {"", "{}", R"({"tags":"web"})", R"({"tags":["a b"]})", R"({"tags":[""]})", R"({"tag":[]})"}) {
    EXPECT_EQ(ask("PATCH", "/v1/agents/a1", admin_, body).status, 400) << body;
  }
  EXPECT_EQ(ask("PATCH", "/v1/agents/a1", make_token("search"), R"({"tags":[]})").status, 403);
  ASSERT_EQ(ask("PATCH", "/v1/agents/new%20one", admin_, R"({"tags":["web"]})").status, 200);
  const json::array agents = get_json("/v1/agents").at("agents").as_array();
  ASSERT_EQ(agents.size(), 1U);
  EXPECT_EQ(agents.at(0).at("agent_id"), as_json("new one"));
  EXPECT_EQ(agents.at(0).at("events"), as_json(0));
}

TEST_F(Alerts, PlaceholdersOfSigmaAreReadAgainWithTheRules) {
  const std::filesystem::path placeholders = directory_.path() / "Admins.txt";
  std::ofstream(placeholders) << "# none yet\n";
  write_rule("sigma.yml",
             "title: T\nid: r\nlogsource: {product: linux, service: sshd}\n"
             "detection: {s: {user|expand: '%Admins%'}, condition: s}\n");
  EXPECT_EQ(server_->stop(), 0);
  start({"--placeholders", placeholders.string()});
  const json::array refused = get_json("/v1/rules").at("refused").as_array();
  ASSERT_EQ(refused.size(), 2U);  // the file, and the rule that needs it
  EXPECT_EQ(refused.at(0).at("line"), as_json(1));
  EXPECT_EQ(refused.at(1).at("id"), as_json("r"));
  std::ofstream(placeholders) << "root\n";
  EXPECT_EQ(post_json("/v1/rules/reload", "").at("loaded"), as_json(2));
  EXPECT_EQ(get_json("/v1/rules").at("refused").as_array().size(), 0U);
}

}  // namespace
}  // namespace sightline::testing
