// What handlers read from requests: keys, members, parameters, times.
#include <gtest/gtest.h>

#include "server/api/batch_key.h"
#include "server/api/errors.h"
#include "server/api/json_body.h"
#include "server/api/json_writer.h"
#include "server/api/parameters.h"

namespace sightline::api {
namespace {

TEST(BatchKey, IsSourceEpochSequence) {
  const auto key = parse_batch_key("web-1/1700000000/42", "token:1");
  ASSERT_TRUE(key);
  EXPECT_EQ(*key, (BatchKey{"token:1", "web-1", 1'700'000'000, 42}));
  EXPECT_EQ(parse_batch_key("s3://bucket/key/0/18446744073709551615", "p")->source, "s3://bucket/key");
  EXPECT_EQ(parse_batch_key(std::string(kMaxSourceBytes, 'a') + "/0/0", "p")->source.size(), kMaxSourceBytes);
}

TEST(BatchKey, RefusesAnythingElse) {
  for (const char* text : {"", "/", "//", "a", "a/1", "/1/2", "a//2", "a/1/", "a/1/x", "a/-1/2", "a/1/+2", "a/1 /2",
                           "a b/1/2", "a\x80/1/2", "a/18446744073709551616/1", "a/1/0x2"}) {
    EXPECT_FALSE(parse_batch_key(text, "p")) << text;
  }
  EXPECT_FALSE(parse_batch_key(std::string(kMaxSourceBytes + 1, 'a') + "/0/0", "p"));
}

TEST(JsonBody, ReadsMembersByType) {
  const auto body =
      JsonBody::parse(R"({"a":"text","b":-5,"c":["x","y"],"d":null,"e":1600362902289})", {"a", "b", "c", "d", "e"});
  ASSERT_TRUE(body);
  EXPECT_EQ(**body->text("a"), "text");
  EXPECT_EQ(**body->integer("b"), -5);
  EXPECT_EQ(**body->texts("c"), (std::vector<std::string>{"x", "y"}));
  EXPECT_FALSE(body->text("d")->has_value());
  EXPECT_FALSE(body->integer("missing")->has_value());
  EXPECT_EQ(**body->text_or_integer("e"), "1600362902289");
  EXPECT_FALSE(body->text("b"));
  EXPECT_FALSE(body->integer("a"));
  EXPECT_FALSE(body->texts("a"));
  EXPECT_FALSE(body->text_or_integer("c"));
}

TEST(JsonBody, RefusesWhatIsNotSuchAnObject) {
  for (const char* text : {"[]", "1", "{", "{\"a\":1}x", "{\"unknown\":1}", "{\"a\":\"\xff\"}", "{'a':1}",
                           "{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":2}"}) {
    const auto body = JsonBody::parse(text, {"a"});
    ASSERT_FALSE(body) << text;
    EXPECT_EQ(body.error().code, ErrorCode::invalid_input);
  }
  EXPECT_NE(JsonBody::parse(R"({"querry":""})", {"query", "from"}).error().message.find("query, from"),
            std::string::npos);
  EXPECT_FALSE(JsonBody::parse("{\"a\":" + std::string(5000, '[') + std::string(5000, ']') + "}", {"a"}));
  EXPECT_TRUE(JsonBody::parse(" \n", {"a"}));
  EXPECT_TRUE(JsonBody::parse(R"({"a":{"b":1},"b":{"b":2}})", {"a", "b"}));
}

TEST(JsonWriter, SetsCommasAndQuotes) {
  JsonWriter json;
  json.begin_object().member("a", 1).key("b").begin_array().value("x\"").value(true).null().begin_object().end_object();
  json.end_array().member_or_null("c", "").member("d", std::optional<int>()).key("e").raw("{\"f\":0}").end_object();
  EXPECT_EQ(json.take(), "{\"a\":1,\"b\":[\"x\\\"\",true,null,{}],\"c\":null,\"d\":null,\"e\":{\"f\":0}}\n");
}

http::Request request_with(http::NameValues query) {
  http::Request request;
  request.query = std::move(query);
  return request;
}

TEST(Parameters, NumbersHaveBounds) {
  EXPECT_EQ(number_parameter(request_with({}), "limit", 7, 1, 10), 7U);
  EXPECT_EQ(number_parameter(request_with({{"limit", "10"}}), "limit", 7, 1, 10), 10U);
  for (const char* text : {"", "0", "11", "-1", "1.5", "x", "1x", " 1", "99999999999999999999"}) {
    EXPECT_FALSE(number_parameter(request_with({{"limit", text}}), "limit", 7, 1, 10)) << text;
  }
}

TEST(Parameters, UnknownNamesAreRefused) {
  EXPECT_FALSE(check_parameters(request_with({{"status", "open"}, {"status", "open"}}), {"status"}));
  EXPECT_TRUE(check_parameters(request_with({{"status", "open"}}), {"status"}));
  const auto refused = check_parameters(request_with({{"stauts", "open"}}), {"status", "severity"});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("status, severity"), std::string::npos);
}

TEST(Parameters, TimesAreThoseOfQueries) {
  constexpr std::int64_t kNow = 1'600'362'902'289;
  EXPECT_EQ(parse_time_ms("from", "1600362902289", kNow), 1'600'362'902'289);
  EXPECT_EQ(parse_time_ms("from", "1600362902", kNow), 1'600'362'902'000);
  EXPECT_EQ(parse_time_ms("from", "2020-09-17T17:15:02Z", kNow), 1'600'362'902'000);
  EXPECT_EQ(parse_time_ms("from", "now-15m", kNow), kNow - 15 * 60'000);
  EXPECT_FALSE(parse_time_ms("from", "12345", kNow));
  EXPECT_FALSE(parse_time_ms("from", "yesterday", kNow));
  EXPECT_FALSE(time_parameter(request_with({}), "from", kNow)->has_value());
}

TEST(Errors, HaveTheStatusThatSaysWhatToDo) {
  EXPECT_EQ(error_answer({ErrorCode::invalid_input, "x"}).status, 400);
  EXPECT_EQ(error_answer({ErrorCode::conflict, "x"}).status, 409);
  EXPECT_EQ(error_answer({ErrorCode::timeout, "x"}).status, 422);
  EXPECT_EQ(error_answer({ErrorCode::corrupt, "x"}).status, 500);
  for (const ErrorCode code : {ErrorCode::busy, ErrorCode::unavailable, ErrorCode::cancelled}) {
    const auto response = error_answer({code, "x"});
    ASSERT_EQ(response.headers.size(), 1U);
    EXPECT_EQ(response.headers[0].first, "Retry-After");
  }
}

TEST(Errors, AQuerysMistakeHasItsPlace) {
  const query::Diagnostic diagnostic{{9, 12}, "unknown field \"usr\"", "", "did you mean user?"};
  const auto response = diagnostic_answer(diagnostic, "pid = 1\nAusr = 2");
  EXPECT_EQ(response.status, 400);
  EXPECT_NE(
      response.body.find(R"("position":{"begin":9,"end":12,"line":2,"column":2},"expected":null,"hint":"did you)"),
      std::string::npos)
      << response.body;
  EXPECT_NE(response.body.find(R"("code":"query")"), std::string::npos);
}

}  // namespace
}  // namespace sightline::api
