// Searches: pages, tables, mistakes, originals.
#include "api_fixture.h"

namespace sightline::testing {
namespace {

constexpr std::int64_t kStart = 1'600'362'900'000;

class Search : public ApiTest {
 protected:
  void SetUp() override {
    ApiTest::SetUp();
    std::string body;
    for (int i = 0; i < 25; ++i) {
      body +=
          fmt::format(R"({{"event_time":{},"event_type":"login","user":"user{}","agent_id":"a{}","deep":{{"n":{}}}}})",
                      kStart + i * 1000, i, i % 2, i) +
          "\n";
    }
    post_json("/v1/events", body);
  }
};

TEST_F(Search, PagesThroughEverythingNewestFirst) {
  std::vector<std::int64_t> times;
  json::object request{{"query", "event_type = 'login'"}, {"limit", 10}};
  int pages = 0;
  while (true) {
    const json::object page = search(request);
    ++pages;
    for (const json::value& event : page.at("events").as_array()) times.push_back(event.at("event_time").as_int64());
    if (pages == 1) post_json("/v1/events", R"({"event_time":1600362900500,"event_type":"login","user":"late"})");
    if (page.at("cursor").is_null()) break;
    request["cursor"] = page.at("cursor");
  }
  ASSERT_EQ(times.size(), 25U);  // what came after the first page stays out
  for (int i = 0; i < 25; ++i) EXPECT_EQ(times[i], kStart + (24 - i) * 1000);
  EXPECT_EQ(search({{"query", "event_type = 'login'"}}).at("events").as_array().size(), 26U);
}

TEST_F(Search, PipesGoOnOverPages) {
  json::object request{{"query", "event_type = 'login' | sort deep.n desc | limit 13"}, {"limit", 10}};
  const json::object first = search(request);
  request["cursor"] = first.at("cursor");
  const json::object second = search(request);
  ASSERT_EQ(second.at("events").as_array().size(), 3U);
  EXPECT_EQ(second.at("events").as_array()[0].at("event_time").as_int64(), kStart + 14 * 1000);
  EXPECT_TRUE(second.at("cursor").is_null());
  EXPECT_EQ(
      post("/v1/search", json::serialize(json::object{{"query", "| count"}, {"cursor", request["cursor"]}})).status,
      400);
}

TEST_F(Search, TheLargestPageIsAnswered) {
  std::string body;
  for (int i = 0; i < 10'001; ++i) body += fmt::format("{{\"event_time\":{},\"user\":\"many\"}}\n", kStart + i);
  post_json("/v1/events", body);
  const json::object page = search({{"query", "user = 'many'"}, {"limit", 10'000}});
  EXPECT_EQ(page.at("events").as_array().size(), 10'000U);
  EXPECT_FALSE(page.at("cursor").is_null());
}

TEST_F(Search, FromIsIncludedAndToIsNot) {
  const auto count = [&](const json::object& request) { return search(request).at("events").as_array().size(); };
  EXPECT_EQ(count({{"query", ""}, {"from", kStart + 1000}, {"to", kStart + 3000}}), 2U);
  EXPECT_EQ(count({{"query", ""}, {"from", "1600362901"}, {"to", "2020-09-17T17:15:03Z"}}), 2U);
  EXPECT_EQ(count({{"query", ""}, {"from", "now-15m"}}), 0U);
  EXPECT_EQ(post("/v1/search", R"({"query":"","from":"12345"})").status, 400);
  EXPECT_EQ(post("/v1/search", R"({"query":"","form":0})").status, 400);
  EXPECT_EQ(post("/v1/search", R"({"query":"","limit":0})").status, 400);
  EXPECT_EQ(post("/v1/search", R"({"query":"","cursor":"x"})").status, 400);
  for (const char* query : {"| histogram 5m", ""}) {
    const RawResponse refused =
        post("/v1/search", json::serialize(json::object{{"query", query}, {"time_zone", "Nowhere/Town"}}));
    EXPECT_EQ(refused.status, 400);
    EXPECT_NE(refused.body.find("Nowhere/Town"), std::string::npos) << refused.body;
    EXPECT_EQ(
        post("/v1/search", json::serialize(json::object{{"query", query}, {"time_zone", "Europe/Berlin"}})).status,
        200);
  }
}

TEST_F(Search, PipesMakeTables) {
  const json::object table = search({{"query", "event_type = 'login' | count by agent_id"}});
  ASSERT_EQ(table.at("columns").as_array().size(), 2U);
  ASSERT_EQ(table.at("rows").as_array().size(), 2U);
  EXPECT_FALSE(table.contains("events"));
  EXPECT_EQ(json::serialize(table.at("rows")), R"([["a0",13],["a1",12]])");
}

TEST_F(Search, PathsThatWereSeenMayBeNamed) {
  EXPECT_EQ(search({{"query", "deep.n = 7"}}).at("events").as_array().size(), 1U);
  post_json("/v1/events", R"({"event_time":1600362900500,"brand":{"new":"x"}})");
  EXPECT_EQ(search({{"query", "brand.new = 'x'"}}).at("events").as_array().size(), 1U);
}

TEST_F(Search, AMistakeHasItsPlaceAndAHint) {
  const RawResponse refused = post("/v1/search", R"({"query":"pid = 1 AND usr = \"root\""})");
  EXPECT_EQ(refused.status, 400);
  const json::object error = object_of(refused).at("error").as_object();
  EXPECT_EQ(error.at("code"), as_json("query"));
  EXPECT_EQ(error.at("position").at("begin"), as_json(12));
  EXPECT_EQ(error.at("position").at("end"), as_json(15));
  EXPECT_EQ(error.at("position").at("column"), as_json(13));
  EXPECT_NE(std::string_view(error.at("hint").as_string()).find("user"), std::string_view::npos);
  EXPECT_NE(std::string_view(error.at("rendered").as_string()).find("^"), std::string_view::npos);
}

TEST_F(Search, SaysThatAbsenceProvesNothing) {
  const json::object coverage = search({{"query", "user = 'nobody'"}}).at("coverage").as_object();
  EXPECT_EQ(coverage.at("state"), as_json("unknown"));
}

TEST_F(Search, OriginalsComeBackByteForByte) {
  const std::string odd =
      "{ \"event_time\" : 1600362900999, \"user\":\"\\u0065mma\",\"x\":1.50e3 , \"e\":\"\xC3\xA9\"}";
  post_json("/v1/events", odd);
  const json::object event = search({{"query", "user = 'emma'"}}).at("events").as_array().at(0).as_object();
  EXPECT_EQ(event.at("original"), as_json(odd));
  const std::string id(event.at("id").as_string());
  const RawResponse original = get("/v1/events/" + id + "/original");
  EXPECT_EQ(original.header("content-type"), "application/octet-stream");
  EXPECT_EQ(original.body, odd);
  EXPECT_EQ(get_json("/v1/events/" + id).at("user"), as_json("emma"));
  EXPECT_EQ(get("/v1/events/" + std::string(32, '0')).status, 404);
  EXPECT_EQ(get("/v1/events/xyz").status, 400);
}

TEST_F(Search, AgentsAreThoseThatSentEvents) {
  const json::array agents = get_json("/v1/agents").at("agents").as_array();
  ASSERT_EQ(agents.size(), 2U);
  EXPECT_EQ(agents.at(0).at("agent_id"), as_json("a0"));
  EXPECT_EQ(agents.at(0).at("events"), as_json(13));
  EXPECT_TRUE(agents.at(0).at("hostname").is_null());
  EXPECT_TRUE(get_json("/v1/agents?from=now-1h").at("agents").as_array().empty());
}

}  // namespace
}  // namespace sightline::testing
