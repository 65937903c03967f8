// The transport over real sockets: well-formed, hostile and large requests; streams.
#include "server/http/server.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/http/testing/server_fixture.h"

namespace sightline::http {
namespace {

using sightline::testing::RawClient;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

TEST_F(HttpServer, AnswersAndKeepsTheConnection) {
  start();
  RawClient client(server->port());
  const auto first = client.ask("GET /echo/a%20b HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.header("x-parameter"), "a b");
  EXPECT_EQ(first.header("x-content-type-options"), "nosniff");
  EXPECT_EQ(first.header("x-request-id").size(), 16U);
  const auto second = client.ask("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_EQ(second.body, "POST hello");
  EXPECT_EQ(client.ask("GET /inline HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200);
  EXPECT_EQ(exchange(1).pattern, "/echo");
  EXPECT_EQ(exchange(1).request_bytes, 5U);
  EXPECT_EQ(exchange(1).response_bytes, 10U);
}

TEST_F(HttpServer, AnswersPipelinedRequestsInOrder) {
  start();
  RawClient client(server->port());
  client.send(
      "GET /echo/1 HTTP/1.1\r\nHost: localhost\r\n\r\n"
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc"
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n1;x=y\r\nf\r\n0\r\nT: "
      "1\r\n\r\n"
      "GET /echo/4 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.read().header("x-parameter"), "1");
  EXPECT_EQ(client.read().body, "POST abc");
  EXPECT_EQ(client.read().body, "POST def");
  EXPECT_EQ(client.read().header("x-parameter"), "4");
  EXPECT_TRUE(client.closed_by_server());
}

TEST_F(HttpServer, HeadHasTheLengthAndNoBody) {
  start();
  RawClient client(server->port());
  client.send("HEAD /echo/x HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto response = client.read(true);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.header("content-length"), "5");
  EXPECT_EQ(client.ask("GET /echo/x HTTP/1.1\r\nHost: localhost\r\n\r\n").body, "GET ");
}

TEST_F(HttpServer, SaysWhichMethodsThereAre) {
  start();
  EXPECT_EQ(ask("GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 404);
  const auto response = ask("DELETE /echo HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.header("allow"), "POST");
  EXPECT_THAT(response.body, HasSubstr(R"("code":"method_not_allowed")"));
}

TEST_F(HttpServer, AnExceptionIsA500ThatIsReported) {
  start();
  RawClient client(server->port());
  const auto response = client.ask("GET /throw HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.body.find("broken"), std::string::npos);
  EXPECT_EQ(exchange(0).problem, "exception: broken");
  EXPECT_EQ(client.ask("GET /echo/x HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200);
}

TEST_F(HttpServer, RefusesForeignHostsAndOrigins) {
  start();
  const auto status = [&](std::string_view headers) {
    return ask(fmt::format("GET /echo/x HTTP/1.1\r\n{}\r\n", headers)).status;
  };
  EXPECT_EQ(status("Host: evil.example\r\n"), 403);
  EXPECT_EQ(status("Host: localhost\r\nOrigin: http://evil.example\r\n"), 403);
  EXPECT_EQ(status("Host: localhost\r\nOrigin: null\r\n"), 403);
  EXPECT_EQ(status("Host: localhost\r\nOrigin: http://localhost\r\n"), 200);
  EXPECT_EQ(ask("GET http://localhost/echo/x HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200);
  EXPECT_EQ(ask("GET http://evil.example/echo/x HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 403);
}

// ---- heads and framing on which implementations disagree

struct BadRequest {
  const char* name;
  const char* bytes;
  int status;
};

class BadRequests : public HttpServer, public ::testing::WithParamInterface<BadRequest> {};

TEST_P(BadRequests, AreRefusedAndTheConnectionEnds) {
  start();
  RawClient client(server->port());
  // What stands behind a refused request must never be taken for a request.
  client.send(std::string(GetParam().bytes));
  client.finish_sending();
  const auto response = client.read();
  EXPECT_EQ(response.status, GetParam().status) << response.body;
  EXPECT_EQ(response.header("connection"), "close");
  EXPECT_TRUE(client.closed_by_server());
  EXPECT_EQ(exchange(0).status, GetParam().status);
}

#define POST_HEAD "POST /echo HTTP/1.1\r\nHost: localhost\r\n"
#define SMUGGLED "GET /echo/smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"

INSTANTIATE_TEST_SUITE_P(
    Http, BadRequests,
    ::testing::Values(
        BadRequest{"garbage", "\x16\x03\x01\x02\r\n\r\n", 400}, BadRequest{"no_version", "GET /echo/x\r\n\r\n", 400},
        BadRequest{"http_0_9_version", "GET /echo/x HTTP/0.9\r\nHost: localhost\r\n\r\n", 505},
        BadRequest{"http_2_preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        BadRequest{"two_spaces", "GET  /echo/x HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
        BadRequest{"tab_in_request_line", "GET\t/echo/x HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
        BadRequest{"no_host", "GET /echo/x HTTP/1.1\r\n\r\n", 400},
        BadRequest{"two_hosts", "GET /echo/x HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n", 400},
        BadRequest{"two_tokens",
                   "GET /echo/x HTTP/1.1\r\nHost: localhost\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n", 400},
        BadRequest{"two_origins",
                   "GET /echo/x HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nOrigin: http://evil\r\n\r\n",
                   400},
        BadRequest{"two_codings_of_content",
                   POST_HEAD "Content-Encoding: gzip\r\nContent-Encoding: zstd\r\nContent-Length: 5\r\n\r\nhello", 400},
        BadRequest{"bare_lf", "GET /echo/x HTTP/1.1\nHost: localhost\r\n\r\n", 400},
        BadRequest{"folded", "GET /echo/x HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n", 400},
        BadRequest{"folded_first", "GET /echo/x HTTP/1.1\r\n Host: localhost\r\n\r\n", 400},
        BadRequest{"no_colon", "GET /echo/x HTTP/1.1\r\nHost: localhost\r\nbroken\r\n\r\n", 400},
        BadRequest{"space_before_colon", POST_HEAD "Content-Length : 5\r\n\r\nhello", 400},
        BadRequest{"empty_name", "GET /echo/x HTTP/1.1\r\nHost: localhost\r\n: x\r\n\r\n", 400},
        BadRequest{"both_lengths",
                   POST_HEAD "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SMUGGLED, 400},
        BadRequest{"both_lengths_reversed",
                   POST_HEAD "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" SMUGGLED, 400},
        BadRequest{"two_lengths", POST_HEAD "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", 400},
        BadRequest{"two_equal_lengths", POST_HEAD "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400},
        BadRequest{"length_list", POST_HEAD "Content-Length: 5, 5\r\n\r\nhello", 400},
        BadRequest{"negative_length", POST_HEAD "Content-Length: -5\r\n\r\nhello", 400},
        BadRequest{"plus_length", POST_HEAD "Content-Length: +5\r\n\r\nhello", 400},
        BadRequest{"hex_length", POST_HEAD "Content-Length: 0x5\r\n\r\nhello", 400},
        BadRequest{"huge_length", POST_HEAD "Content-Length: 99999999999999999999999\r\n\r\nhello", 400},
        BadRequest{"empty_length", POST_HEAD "Content-Length:\r\n\r\n" SMUGGLED, 400},
        BadRequest{"gzip_transfer_coding", POST_HEAD "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" SMUGGLED, 501},
        BadRequest{"identity_transfer_coding", POST_HEAD "Transfer-Encoding: identity\r\n\r\n" SMUGGLED, 501},
        BadRequest{"obscured_transfer_coding", POST_HEAD "Transfer-Encoding: xchunked\r\n\r\n" SMUGGLED, 501},
        BadRequest{"two_transfer_codings",
                   POST_HEAD "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" SMUGGLED,
                   400},
        BadRequest{"vertical_tab_transfer_coding",
                   POST_HEAD "Transfer-Encoding: \x0b"
                             "chunked\r\n\r\n0\r\n\r\n" SMUGGLED,
                   400},
        BadRequest{"transfer_coding_in_1_0",
                   "POST /echo HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        BadRequest{"bad_chunk_size", POST_HEAD "Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n", 400},
        BadRequest{"hex_prefix_chunk", POST_HEAD "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n", 400},
        BadRequest{"negative_chunk", POST_HEAD "Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n", 400},
        BadRequest{"overflowing_chunk",
                   POST_HEAD "Transfer-Encoding: chunked\r\n\r\n1ffffffffffffffff\r\nhello\r\n0\r\n\r\n", 400},
        BadRequest{"largest_chunk", POST_HEAD "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nhello", 413},
        BadRequest{"chunk_too_long", POST_HEAD "Transfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n", 400},
        BadRequest{"chunk_with_bare_lf", POST_HEAD "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n", 400},
        BadRequest{"chunk_size_with_space", POST_HEAD "Transfer-Encoding: chunked\r\n\r\n 5\r\nhello\r\n0\r\n\r\n",
                   400},
        BadRequest{"unknown_expectation", POST_HEAD "Content-Length: 5\r\nExpect: magic\r\n\r\nhello", 417},
        BadRequest{"body_without_length", POST_HEAD "\r\n", 411},
        BadRequest{"announced_too_large", POST_HEAD "Content-Length: 1001\r\n\r\n", 413},
        BadRequest{"body_where_none_belongs",
                   "GET /echo/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello", 413},
        BadRequest{"body_to_nowhere",
                   "POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n" SMUGGLED, 404}),
    [](const auto& given) { return std::string(given.param.name); });

TEST_F(HttpServer, AcceptsAChunkWithLeadingZeros) {
  start();
  EXPECT_EQ(ask(POST_HEAD "Transfer-Encoding: chunked\r\n\r\n005\r\nhello\r\n00\r\n\r\n").body, "POST hello");
}

TEST_F(HttpServer, BoundsTheHead) {
  options.limits.max_head_bytes = 1000;
  options.limits.max_header_count = 20;
  start();
  EXPECT_EQ(ask(fmt::format("GET /echo/x HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n", std::string(1000, 'a'))).status,
            431);
  EXPECT_EQ(ask("GET /" + std::string(2000, 'a')).status, 431);  // without waiting for its end
  std::string many = "GET /echo/x HTTP/1.1\r\nHost: localhost\r\n";
  for (int i = 0; i < 20; ++i) many += "a: b\r\n";
  EXPECT_EQ(ask(many + "\r\n").status, 431);
}

TEST_F(HttpServer, BoundsChunkedBodies) {
  start();
  RawClient client(server->port());
  client.send(POST_HEAD "Transfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = fmt::format("64\r\n{}\r\n", std::string(100, 'x'));
  for (int i = 0; i < 11; ++i) client.send(chunk);
  EXPECT_EQ(client.read().status, 413);
  EXPECT_TRUE(client.closed_by_server());
  EXPECT_EQ(server->load().inflight_body_bytes, 0U);
}

TEST_F(HttpServer, BoundsChunkExtensionsAndTrailers) {
  start();
  const std::string long_text(10'000, 'x');
  EXPECT_EQ(ask(POST_HEAD "Transfer-Encoding: chunked\r\n\r\n5;" + long_text).status, 400);
  EXPECT_EQ(ask(POST_HEAD "Transfer-Encoding: chunked\r\n\r\n0\r\nX: " + long_text).status, 400);
}

TEST_F(HttpServer, BoundsTheMemoryOfAllBodies) {
  options.limits.max_inflight_body_bytes = 1500;
  start();
  RawClient holder(server->port());
  holder.send(POST_HEAD "Content-Length: 1000\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(holder.read().status, 100);  // its bytes are reserved now
  const auto refused = ask(POST_HEAD "Content-Length: 900\r\n\r\n");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.header("retry-after"), "1");
  EXPECT_EQ(holder.ask(std::string(1000, 'b')).status, 200);
  const auto accepted = ask(POST_HEAD "Content-Length: 900\r\n\r\n" + std::string(900, 'c'));
  EXPECT_EQ(accepted.status, 200);
}

TEST_F(HttpServer, SharesTheMemoryOfBodiesFairly) {
  options.limits.max_inflight_body_bytes = 2000;
  Route route = make_route("POST", "/shared", echo, 1000);
  route.admit = [](Request& request) -> std::optional<Response> {
    request.principal = request.header("authorization").value_or("");
    return std::nullopt;
  };
  router.add(std::move(route));
  start();
  const auto request = [](std::string_view who, std::size_t size) {
    return fmt::format(
        "POST /shared HTTP/1.1\r\nHost: localhost\r\nAuthorization: {}\r\nContent-Length: {}\r\nExpect: "
        "100-continue\r\n\r\n",
        who, size);
  };
  RawClient first(server->port());
  EXPECT_EQ(first.ask(request("loud", 900)).status, 100);
  EXPECT_EQ(ask(request("loud", 200)).status, 503);  // more than half with two
  RawClient other(server->port());
  EXPECT_EQ(other.ask(request("quiet", 900)).status, 100);
  EXPECT_EQ(first.ask(std::string(900, 'a')).status, 200);
  EXPECT_EQ(other.ask(std::string(900, 'b')).status, 200);
}

TEST_F(HttpServer, RefusesBeforeTheBodyIsSent) {
  std::atomic<int> handled = 0;
  Route route = make_route("POST", "/guarded", [&](Request&) { return ++handled, Response(); }, 1'000'000);
  route.admit = [](Request& request) -> std::optional<Response> {
    request.principal = "somebody";
    if (request.header("authorization")) return std::nullopt;
    return error_response(401, "who are you?");
  };
  router.add(std::move(route));
  start();
  const auto refused =
      ask("POST /guarded HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.header("connection"), "close");
  EXPECT_EQ(handled, 0);
  EXPECT_EQ(exchange(0).principal, "somebody");
  EXPECT_EQ(ask("POST /guarded HTTP/1.1\r\nHost: localhost\r\nAuthorization: x\r\nContent-Length: 1\r\n\r\na").status,
            200);
  EXPECT_EQ(handled, 1);
}

TEST_F(HttpServer, AnswersTheClientThatSendsALargeRefusedBody) {
  Route route = make_route("POST", "/guarded", echo, 8'000'000);
  route.admit = [](Request&) { return std::optional(error_response(401, "who are you?")); };
  router.add(std::move(route));
  start();
  RawClient client(server->port());
  client.send("POST /guarded HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4000000\r\n\r\n");
  client.send(std::string(4'000'000, 'x'));
  EXPECT_EQ(client.read().status, 401);
}

// ---- streams

TEST_F(HttpServer, StreamsInChunks) {
  router.add(make_route("GET", "/stream", [](Request&) {
    Response response;
    response.content_type = "application/x-ndjson";
    response.stream = [](BodyWriter& writer) {
      for (int i = 0; i < 3; ++i) writer.write(fmt::format("{{\"i\":{}}}\n", i));
    };
    return response;
  }));
  start();
  RawClient client(server->port());
  const auto response = client.ask("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(response.header("transfer-encoding"), "chunked");
  EXPECT_EQ(response.body, "{\"i\":0}\n{\"i\":1}\n{\"i\":2}\n");
  EXPECT_TRUE(response.complete);
  EXPECT_EQ(client.ask("GET /echo/x HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200);

  RawClient old(server->port());
  const auto without_chunks = old.ask("GET /stream HTTP/1.0\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(without_chunks.header("transfer-encoding"), "");
  EXPECT_EQ(without_chunks.body, "{\"i\":0}\n{\"i\":1}\n{\"i\":2}\n");

  RawClient head(server->port());
  head.send("HEAD /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(head.read(true).status, 200);
}

TEST_F(HttpServer, AStreamThatFailsIsCutShortAndOneWithoutReaderEnds) {
  router.add(make_route("GET", "/broken", [](Request&) {
    Response response;
    response.stream = [](BodyWriter& writer) {
      writer.write("some");
      throw std::runtime_error("broken");
    };
    return response;
  }));
  router.add(make_route("GET", "/endless", [](Request&) {
    Response response;
    response.stream = [](BodyWriter& writer) {
      while (writer.write(std::string(10'000, 'x'))) {
      }
    };
    return response;
  }));
  start();
  const auto cut = ask("GET /broken HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(cut.body, "some");
  EXPECT_FALSE(cut.complete);
  {
    RawClient client(server->port());
    client.send("GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  EXPECT_EQ(exchange(1).pattern, "/endless");
}

}  // namespace
}  // namespace sightline::http
