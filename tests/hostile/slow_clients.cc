// Clients that do not come to an end, and many of them.
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <thread>

#include "hostile/case.h"
#include "hostile/payloads.h"

namespace sightline::hostile {

namespace {

using testing::RawClient;
using testing::RawResponse;

// Sends the bytes and then nothing.
std::string stalls_after(const Target& target, std::string bytes, std::string_view expected) {
  const auto client = target.connect();
  client->send(target.fill_in(std::move(bytes)));
  return outcome_of(*client, expected);
}

// A byte at a time, until the server has enough.
std::string drips(const Target& target, std::string begin, std::string_view drop, std::chrono::milliseconds pause) {
  const auto client = target.connect();
  client->send(target.fill_in(std::move(begin)));
  std::jthread dripping([&](const std::stop_token& stop) {
    while (!stop.stop_requested() && client->send(drop)) std::this_thread::sleep_for(pause);
  });
  const RawResponse response = client->read();
  return response.status == 0 ? "closed" : fmt::format("{} closed", response.status);
}

// Ends its sending side within a request.
std::string half_open(const Target& target, std::string bytes) {
  const auto client = target.connect();
  client->send(target.fill_in(std::move(bytes)));
  client->finish_sending();
  const RawResponse response = client->read();
  return response.status == 0 ? "closed" : fmt::format("{} closed", response.status);
}

std::string waits_to_continue(const Target& target, std::string head, std::string_view body,
                              std::string_view expected) {
  const auto client = target.connect();
  client->send(target.fill_in(std::move(head)));
  const RawResponse interim = client->read();
  client->send(body);
  return fmt::format("{} {}", interim.status, outcome_of(*client, expected));
}

std::string come_and_go(const Target& target, std::size_t count, const std::string& bytes, bool with_reset) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto client = target.connect();
    client->send(target.fill_in(bytes));
    if (with_reset) client->reset();
  }
  return target.ask("GET", "/healthz", "").status == 200 ? "served" : "not served";
}

// So many connections that say nothing, from so many addresses; good clients are served meanwhile.
std::string idle(const Target& target, std::size_t count, std::size_t addresses) {
  std::vector<std::unique_ptr<RawClient>> clients;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string from = fmt::format("127.0.1.{}", 1 + i % addresses);
    clients.push_back(std::make_unique<RawClient>(target.port(), from.c_str()));
  }
  for (int i = 0; i < 20; ++i) {
    if (target.ask("GET", "/v1/alerts?limit=1", "$admin").status != 200) return "not served";
  }
  return "served";
}

// Asks much and reads nothing.
std::string does_not_read(const Target& target, std::size_t requests) {
  const auto client = target.connect();
  std::size_t sent = 0;
  const std::string request = target.fill_in(get("/openapi.yaml"));
  while (sent < requests && client->send(request)) ++sent;
  std::size_t answered = 0;
  while (client->read().complete) ++answered;
  return answered < sent ? "closed" : fmt::format("{} answers", answered);
}

#define POST_BEGIN "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer $ingest\r\n"

}  // namespace

const std::vector<Play>& slow_clients() {
  using std::chrono::milliseconds;
  static const std::vector<Play> kPlays = {
      {"slow", "half a request line", "408 closed",
       [](const Target& t) { return stalls_after(t, "GET /hea", "408 closed"); }},
      {"slow", "half a head", "408 closed",
       [](const Target& t) { return stalls_after(t, "GET /healthz HTTP/1.1\r\nHost: loc", "408 closed"); }},
      {"slow", "a head a byte at a time", "408 closed",
       [](const Target& t) { return drips(t, "GET /healthz HTTP/1.1\r\nX: ", "a", milliseconds(100)); }},
      {"slow", "a head a line at a time", "408 closed",
       [](const Target& t) { return drips(t, "GET /healthz HTTP/1.1\r\n", "X: a\r\n", milliseconds(200)); }},
      {"slow", "no byte at all", "closed", [](const Target& t) { return stalls_after(t, "", "closed"); }, true},
      {"slow", "a body that stalls", "408 closed",
       [](const Target& t) { return stalls_after(t, POST_BEGIN "Content-Length: 100\r\n\r\n{", "408 closed"); }, true},
      {"slow", "a chunk that stalls", "408 closed",
       [](const Target& t) { return stalls_after(t, POST_BEGIN "Transfer-Encoding: chunked\r\n\r\n5", "408 closed"); },
       true},
      {"slow", "60 MiB announced and none sent", "408 closed",
       [](const Target& t) { return stalls_after(t, POST_BEGIN "Content-Length: 60000000\r\n\r\n", "408 closed"); },
       true},
      {"slow", "a body a byte at a time", "408 closed",
       [](const Target& t) { return drips(t, POST_BEGIN "Content-Length: 1000000\r\n\r\n", "x", milliseconds(500)); },
       true},
      {"slow", "does not read its answers", "closed", [](const Target& t) { return does_not_read(t, 4'000); }, true},
      {"expect", "100-continue, and the body then", "100 200 open",
       [](const Target& t) {
         return waits_to_continue(t, POST_BEGIN "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n", "{}", "200 open");
       }},
      {"expect", "100-continue, and no body then", "100 408 closed",
       [](const Target& t) {
         return waits_to_continue(t, POST_BEGIN "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n", "", "408 closed");
       },
       true},
      {"slow", "TLS where it is not spoken", "408 closed",
       [](const Target& t) { return stalls_after(t, std::string("\x16\x03\x01\x02\0\x01\0", 7), "408 closed"); }},
      {"half-open", "within a head", "closed",
       [](const Target& t) { return half_open(t, "GET /healthz HTTP/1.1\r\n"); }},
      {"half-open", "within a body", "closed",
       [](const Target& t) { return half_open(t, POST_BEGIN "Content-Length: 100\r\n\r\n{"); }},
      {"half-open", "within a chunk", "closed",
       [](const Target& t) { return half_open(t, POST_BEGIN "Transfer-Encoding: chunked\r\n\r\n5\r\nab"); }},
      {"half-open", "behind a request", "200 closed",
       [](const Target& t) { return half_open(t, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"); }},
      {"many", "300 that come and go", "served", [](const Target& t) { return come_and_go(t, 300, "", false); }},
      {"many", "300 that reset within a head", "served",
       [](const Target& t) { return come_and_go(t, 300, "GET /healthz HTTP/1.1\r\n", true); }},
      {"many", "300 that reset within a body", "served",
       [](const Target& t) { return come_and_go(t, 300, POST_BEGIN "Content-Length: 100\r\n\r\n{", true); }},
      {"many", "300 that do not wait for the answer", "served",
       [](const Target& t) { return come_and_go(t, 300, post("/v1/events", "{}"), true); }},
      {"many", "300 searches that nobody waits for", "served",
       [](const Target& t) { return come_and_go(t, 300, search(R"({"query":"| count by user, exe"})"), true); }},
      {"many", "1,100 idle connections of one address", "served", [](const Target& t) { return idle(t, 1'100, 1); }},
      {"many", "1,100 idle connections of 100 addresses", "served",
       [](const Target& t) { return idle(t, 1'100, 100); }},
      {"many", "5,000 idle connections of one address", "served", [](const Target& t) { return idle(t, 5'000, 1); },
       true},
      {"many", "5,000 idle connections of 200 addresses", "served", [](const Target& t) { return idle(t, 5'000, 200); },
       true},
  };
  return kPlays;
}

}  // namespace sightline::hostile
