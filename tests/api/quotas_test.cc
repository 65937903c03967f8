// Quotas of tokens: refusals, changes, what is shown of them.
#include "api_fixture.h"

namespace sightline::testing {
namespace {

constexpr std::string_view kEvent = R"({"event_time":1600362902289,"event_type":"login"})";

class Quotas : public ApiTest {
 protected:
  struct Made {
    std::string id;
    std::string secret;
  };
  Made make(const std::string& members) const {
    const json::object made =
        object_of(post("/v1/tokens", R"({"name":"q","scopes":["ingest","search"],)" + members + "}"));
    return {std::string(made.at("token").at("id").as_string()), std::string(made.at("secret").as_string())};
  }
  RawResponse send(const Made& token) const { return ask("POST", "/v1/events", token.secret, std::string(kEvent)); }
};

TEST_F(Quotas, EventsOfADay) {
  const Made token = make(R"("events_per_day":2)");
  EXPECT_EQ(send(token).status, 200);
  EXPECT_EQ(send(token).status, 200);
  const RawResponse refused = send(token);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(error_code(refused), "events_per_day");
  EXPECT_GT(std::stoi(refused.header("retry-after")), 0);
  EXPECT_EQ(ask("POST", "/v1/search", token.secret, "{}").status, 200);  // is no ingest
  EXPECT_NE(get("/metrics").body.find(R"(sightline_quota_refusals_total{quota="events_per_day"} 1)"),
            std::string::npos);
  // A restart does not give the day again.
  EXPECT_EQ(server_->stop(), 0);
  start();
  EXPECT_EQ(send(token).status, 429);
  EXPECT_EQ(ask("PATCH", "/v1/tokens/" + token.id, admin_, R"({"events_per_day":0})").status, 200);
  EXPECT_EQ(send(token).status, 200);
}

TEST_F(Quotas, AreShownAndChanged) {
  const Made token = make(R"("requests_per_s":1000,"bytes_per_s":5)");
  const auto shown = [&] {
    const json::object listed = get_json("/v1/tokens");
    return listed.at("tokens").as_array().back().as_object();
  };
  EXPECT_EQ(shown().at("requests_per_s"), as_json(1000));
  EXPECT_TRUE(shown().at("events_per_day").is_null());
  EXPECT_EQ(send(token).status, 200);
  EXPECT_EQ(error_code(send(token)), "bytes_per_s");
  const RawResponse changed = ask("PATCH", "/v1/tokens/" + token.id, admin_, R"({"bytes_per_s":1000000})");
  EXPECT_EQ(object_of(changed).at("bytes_per_s"), as_json(1'000'000));
  EXPECT_EQ(shown().at("requests_per_s"), as_json(1000));  // as it was
  EXPECT_EQ(ask("PATCH", "/v1/tokens/" + token.id, admin_, R"({"bytes_per_s":-1})").status, 400);
  EXPECT_EQ(ask("PATCH", "/v1/tokens/none", admin_, R"({"bytes_per_s":1})").status, 404);
  EXPECT_EQ(ask("PATCH", "/v1/tokens/" + token.id, token.secret, R"({"bytes_per_s":0})").status, 403);
  EXPECT_NE(get("/v1/audit-log").body.find("token.quota"), std::string::npos);
}

}  // namespace
}  // namespace sightline::testing
