#include "http_client/http_client.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "testing/fake_http_server.h"

namespace sightline {
namespace {

using testing::FakeHttpServer;

TEST(CurlClient, SendsWhatItIsGivenAndReadsTheAnswer) {
  std::string seen;
  FakeHttpServer server([&](const std::string& request) {
    seen = request;
    return FakeHttpServer::answer(429, "{\"a\":1}", "Content-Type: application/json\r\nRetry-After: 7\r\n");
  });
  std::string body = "line 1\nline 2\n";
  body += '\0';
  HttpRequest request;
  request.method = "POST";
  request.url = server.url() + "/v1/events?hostname=a%20b";
  request.headers = {{"Authorization", "Bearer secret"}, {"Idempotency-Key", "cli/1/2"}};
  request.body = body;
  std::string pieces;
  request.on_piece = [&](std::string_view piece) { pieces += piece; };
  const Result<HttpResponse> response = make_curl_client()->send(request);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 429);
  EXPECT_EQ(response->body, "{\"a\":1}");
  EXPECT_EQ(pieces, response->body);
  EXPECT_EQ(response->retry_after_s, 7);
  EXPECT_EQ(response->content_type, "application/json");
  EXPECT_TRUE(seen.starts_with("POST /v1/events?hostname=a%20b HTTP/1.1\r\n"));
  EXPECT_NE(seen.find("\r\nAuthorization: Bearer secret\r\n"), std::string::npos);
  EXPECT_EQ(seen.find("Expect:"), std::string::npos);
  EXPECT_TRUE(seen.ends_with("\r\n\r\n" + body));
}

TEST(CurlClient, MethodsAndReuse) {
  std::string line;
  FakeHttpServer server([&](const std::string& request) {
    line = request.substr(0, request.find("\r\n"));
    return FakeHttpServer::answer(200, "");
  });
  const auto client = make_curl_client();
  for (const char* method : {"GET", "PATCH", "DELETE", "POST", "GET"}) {
    HttpRequest request;
    request.method = method;
    request.url = server.url() + "/x";
    ASSERT_TRUE(client->send(request));
    EXPECT_EQ(line, std::string(method) + " /x HTTP/1.1");
  }
}

TEST(CurlClient, FollowsNoRedirect) {
  int requests = 0;
  FakeHttpServer server([&](const std::string&) {
    ++requests;
    return FakeHttpServer::answer(302, "", "Location: /elsewhere\r\n");
  });
  HttpRequest request;
  request.url = server.url() + "/x";
  EXPECT_EQ(make_curl_client()->send(request)->status, 302);
  EXPECT_EQ(requests, 1);
}

TEST(CurlClient, KeepsLoopbackAwayFromProxies) {
  FakeHttpServer server([](const std::string&) { return FakeHttpServer::answer(200, "direct"); });
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  HttpRequest request;
  request.url = server.url() + "/x";
  const Result<HttpResponse> response = make_curl_client()->send(request);
  unsetenv("http_proxy");
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "direct");
}

TEST(CurlClient, SaysWhatFailed) {
  const auto client = make_curl_client();
  HttpRequest request;
  {
    const FakeHttpServer gone([](const std::string&) { return std::string(); });
    request.url = gone.url() + "/x";
  }
  EXPECT_EQ(client->send(request).error().code, ErrorCode::unavailable);
  for (const char* url : {"file:///etc/passwd", "http://", "gopher://127.0.0.1/"}) {
    request.url = url;
    EXPECT_EQ(client->send(request).error().code, ErrorCode::invalid_input) << url;
  }
}

TEST(CurlClient, AnswerBrokenOffIsNoAnswer) {
  FakeHttpServer server(
      [](const std::string&) { return std::string("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"); });
  HttpRequest request;
  request.url = server.url() + "/x";
  EXPECT_EQ(make_curl_client()->send(request).error().code, ErrorCode::unavailable);
}

TEST(LoopbackUrl, OnlyThisMachine) {
  for (const char* url : {"http://localhost:8080", "https://127.0.0.1/x", "http://127.1.2.3", "http://[::1]:80/"}) {
    EXPECT_TRUE(is_loopback_url(url)) << url;
  }
  for (const char* url : {"http://example.com", "http://127.evil.example", "http://localhost.evil.example",
                          "http://[::2]", "nonsense://", ""}) {
    EXPECT_FALSE(is_loopback_url(url)) << url;
  }
}

}  // namespace
}  // namespace sightline
