// What can be said about the transport without a socket: targets, routes, hosts, heads.
#include <gtest/gtest.h>

#include "server/http/head_check.h"
#include "server/http/host_policy.h"
#include "server/http/memory_budget.h"
#include "server/http/router.h"
#include "server/http/target.h"

namespace sightline::http {
namespace {

Route route(std::string method, std::string pattern) {
  Route made;
  made.method = std::move(method);
  made.pattern = std::move(pattern);
  made.handle = [](Request&) { return Response(); };
  return made;
}

TEST(Target, SplitsPathAndQuery) {
  const auto target = parse_target("/v1/events/a%2Fb?agent_id=x%20y&hostname=a+b&flag&=v&x=1=2");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/v1/events/a%2Fb");
  EXPECT_EQ(target->segments, (std::vector<std::string>{"v1", "events", "a/b"}));
  EXPECT_EQ(target->query,
            (NameValues{{"agent_id", "x y"}, {"hostname", "a b"}, {"flag", ""}, {"", "v"}, {"x", "1=2"}}));
}

TEST(Target, AcceptsTheAbsoluteForm) {
  const auto target = parse_target("http://localhost:8080/v1/alerts?limit=1");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->authority, "localhost:8080");
  EXPECT_EQ(target->path, "/v1/alerts");
}

TEST(Target, RefusesWhatIsNotATarget) {
  for (const char* text : {"", "*", "v1", "/a b", "/%", "/%4", "/%zz", "/%00", "/a#b", "/\x80", "http://", "http:///x",
                           "ftp://localhost/x", "/?a=%f", "/?%00=1", "localhost:80"}) {
    EXPECT_FALSE(parse_target(text)) << text;
  }
  std::string many = "/?a=1";
  for (std::size_t i = 0; i < kMaxQueryValues; ++i) many += "&a=1";
  EXPECT_FALSE(parse_target(many));
}

TEST(Router, PrefersLiteralSegmentsAndFillsParameters) {
  Router router;
  router.add(route("GET", "/v1/alerts/{id}"));
  router.add(route("GET", "/v1/alerts/summary"));
  router.add(route("GET", "/v1/alerts/{id}/events"));
  EXPECT_EQ(router.match("GET", *parse_target("/v1/alerts/summary")).route->pattern, "/v1/alerts/summary");
  const auto match = router.match("GET", *parse_target("/v1/alerts/a%2Fb/events"));
  ASSERT_NE(match.route, nullptr);
  EXPECT_EQ(match.parameters, (NameValues{{"id", "a/b"}}));
  EXPECT_EQ(router.match("HEAD", *parse_target("/v1/alerts/x")).route->pattern, "/v1/alerts/{id}");
}

TEST(Router, TellsAMissingPathFromAMissingMethod) {
  Router router;
  router.add(route("GET", "/v1/alerts/{id}"));
  router.add(route("PATCH", "/v1/alerts/{id}"));
  const auto wrong_method = router.match("DELETE", *parse_target("/v1/alerts/1"));
  EXPECT_EQ(wrong_method.route, nullptr);
  EXPECT_EQ(wrong_method.allowed, (std::vector<std::string>{"GET", "PATCH"}));
  for (const char* path : {"/", "/v1/alerts", "/v1/alerts/", "/v1/alerts/1/", "//v1/alerts/1", "/V1/alerts/1"}) {
    const auto missing = router.match("GET", *parse_target(path));
    EXPECT_EQ(missing.route, nullptr) << path;
    EXPECT_TRUE(missing.allowed.empty()) << path;
  }
}

TEST(Router, RefusesTheSameRouteTwice) {
  Router router;
  router.add(route("GET", "/a"));
  EXPECT_THROW(router.add(route("GET", "/a")), std::logic_error);
  EXPECT_THROW(router.add(route("GET", "a")), std::logic_error);
}

TEST(HostPolicy, AllowsLoopbackNamesAndThoseGiven) {
  const HostPolicy policy({"Sightline.example"});
  for (const char* host :
       {"localhost", "localhost:8080", "127.0.0.1:1", "[::1]", "[::1]:8080", "LOCALHOST:80", "sightline.EXAMPLE:443"}) {
    EXPECT_TRUE(policy.allows_host(host)) << host;
  }
  for (const char* host :
       {"", ":80", "evil.example", "localhost.evil.example", "evil.example:8080", "localhost:80:80", "localhost:x",
        "localhost:123456", "[::1", "::1", "127.0.0.1.evil.example", "localhost@evil"}) {
    EXPECT_FALSE(policy.allows_host(host)) << host;
  }
}

TEST(HostPolicy, AllowsOnlyTheOwnOrigin) {
  const HostPolicy policy;
  EXPECT_TRUE(policy.allows_origin("http://localhost:8080", "localhost:8080"));
  EXPECT_TRUE(policy.allows_origin("https://LOCALHOST:8080", "localhost:8080"));
  for (const char* origin : {"null", "", "http://localhost:3000", "http://evil.example", "localhost:8080",
                             "http://localhost:8080/", "ftp://localhost:8080", "http://127.0.0.1:8080"}) {
    EXPECT_FALSE(policy.allows_origin(origin, "localhost:8080")) << origin;
  }
  EXPECT_FALSE(policy.allows_origin("http://evil.example", "evil.example"));
}

TEST(HeadCheck, RefusesWhatParsersDisagreeOn) {
  EXPECT_FALSE(check_head_text("GET / HTTP/1.1\r\nHost: a\r\n\r\n", 10));
  EXPECT_TRUE(check_head_text("GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", 10));
  EXPECT_TRUE(check_head_text("GET / HTTP/1.1\r\nHost: a\r\n\tb\r\n\r\n", 10));
  EXPECT_TRUE(check_head_text("GET / HTTP/1.1\nHost: a\r\n\r\n", 10));
  EXPECT_TRUE(check_head_text("GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", 10));
  EXPECT_TRUE(check_head_text(std::string_view("GET / HTTP/1.1\r\nHost: a\0\r\n\r\n", 28), 10));
  const auto many = check_head_text("GET / HTTP/1.1\r\na: 1\r\nb: 2\r\nc: 3\r\n\r\n", 2);
  ASSERT_TRUE(many);
  EXPECT_EQ(many->status, 431);
}

TEST(MemoryBudget, GivesBackWhatAShareTook) {
  MemoryBudget budget(100);
  {
    MemoryShare first(budget);
    MemoryShare second(budget);
    EXPECT_TRUE(first.grow_to(60, "a"));
    EXPECT_TRUE(first.grow_to(30, "a"));  // it has that much
    EXPECT_FALSE(second.grow_to(41, "b"));
    EXPECT_TRUE(second.grow_to(40, "b"));
    EXPECT_EQ(budget.used_bytes(), 100U);
    EXPECT_FALSE(second.grow_to(SIZE_MAX, "b"));
  }
  EXPECT_EQ(budget.used_bytes(), 0U);
}

}  // namespace
}  // namespace sightline::http
