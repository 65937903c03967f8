// Rules through the API: what they did, what they cost.
#include "api_fixture.h"

namespace sightline::testing {
namespace {

class Rules : public ApiTest {
 protected:
  void send_intruder() const {
    post_json("/v1/events", R"({"event_time":1600362902289,"event_type":"login","user":"intruder"})");
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

}  // namespace
}  // namespace sightline::testing
