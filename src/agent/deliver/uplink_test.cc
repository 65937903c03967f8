#include "agent/deliver/uplink.h"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <thread>
#include <vector>

#include "testing/temporary_directory.h"

namespace sightline::agent {
namespace {

struct Sent {
  std::string url;
  std::string key;
  std::string token;
  std::string body;
};

// Answers from a list; then it stops the uplink.
class ScriptedServer final : public HttpClient {
 public:
  using Answer = std::function<Result<HttpResponse>()>;

  ScriptedServer(std::vector<Answer> answers, std::stop_source stop)
      : answers_(std::move(answers)), stop_(std::move(stop)) {}

  Result<HttpResponse> send(const HttpRequest& request) override {
    Sent sent{.url = request.url, .key = "", .token = "", .body = std::string(request.body)};
    for (const auto& [name, value] : request.headers) {
      if (name == "Idempotency-Key") sent.key = value;
      if (name == "Authorization") sent.token = value;
    }
    requests.push_back(std::move(sent));
    const Answer& answer = answers_.at(requests.size() - 1);
    if (requests.size() == answers_.size()) stop_.request_stop();
    return answer();
  }

  std::vector<Sent> requests;

 private:
  std::vector<Answer> answers_;
  std::stop_source stop_;
};

ScriptedServer::Answer answers(int status, std::string body) {
  return [=]() -> Result<HttpResponse> {
    HttpResponse response;
    response.status = status;
    response.body = body;
    return response;
  };
}
ScriptedServer::Answer stored() { return answers(200, R"({"accepted":2,"rejected_count":0,"rejected":[]})"); }
ScriptedServer::Answer no_connection() {
  return []() -> Result<HttpResponse> { return fail(ErrorCode::unavailable, "no connection"); };
}

class UplinkTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ofstream(directory_.path() / "token") << "secret\n";
    auto opened = Spool::open({.directory = directory_.path() / "spool", .min_free_bytes = 0});
    ASSERT_TRUE(opened) << opened.error().message;
    spool_ = std::move(*opened);
  }

  void append(const std::string& format, const std::string& body) {
    const auto sequence = spool_->append(
        {.source = "audit", .format = format, .events = 2, .first_ms = 10, .last_ms = 20, .cursor = "", .body = body});
    ASSERT_TRUE(sequence) << sequence.error().message;
  }

  // Runs until the last answer was given.
  std::vector<Sent> run(std::vector<ScriptedServer::Answer> script) {
    std::stop_source stop;
    ScriptedServer server(std::move(script), stop);
    Uplink uplink({.server = "https://server",
                   .token_file = (directory_.path() / "token").string(),
                   .ca_file = "",
                   .about_host = "hostname=web-1"},
                  *spool_, ledger_, server, clock_, log_);
    uplink.run(stop.get_token());
    state_ = uplink.state();
    return server.requests;
  }

  testing::TemporaryDirectory directory_;
  SystemClock clock_;
  Log log_{clock_, LogLevel::off};
  LossLedger ledger_;
  std::unique_ptr<Spool> spool_;
  Uplink::State state_;
};

TEST_F(UplinkTest, SendsInOrderEachUnderItsOwnKey) {
  append("auditd", "one");
  append("ndjson", "two");
  const std::vector<Sent> sent = run({stored(), stored()});
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].url, "https://server/v1/ingest/auditd?hostname=web-1");
  EXPECT_EQ(sent[1].url, "https://server/v1/events?hostname=web-1");
  EXPECT_EQ(sent[0].body, "one");
  EXPECT_EQ(sent[0].token, "Bearer secret");
  EXPECT_EQ(sent[0].key, "agent/" + std::to_string(spool_->epoch()) + "/1");
  EXPECT_EQ(sent[1].key, "agent/" + std::to_string(spool_->epoch()) + "/2");
  EXPECT_EQ(spool_->stats().batches, 0U);
  EXPECT_EQ(state_.delivered_batches, 2U);
  EXPECT_EQ(state_.delivered_events, 4U);
  EXPECT_TRUE(ledger_.empty());
}

TEST_F(UplinkTest, SendsTheSameAgainUntilItIsStored) {
  append("auditd", "one");
  const std::vector<Sent> sent = run({no_connection(), answers(503, "{}"), stored()});
  ASSERT_EQ(sent.size(), 3U);
  for (const Sent& attempt : sent) {
    EXPECT_EQ(attempt.key, sent[0].key);
    EXPECT_EQ(attempt.body, "one");
  }
  EXPECT_EQ(spool_->stats().batches, 0U);
  EXPECT_EQ(state_.attempts, 3U);
  EXPECT_EQ(state_.trouble, "");
}

TEST_F(UplinkTest, WhatIsNotDecidedStays) {
  append("auditd", "one");
  run({answers(200, "<html>")});
  EXPECT_EQ(spool_->stats().batches, 1U);
  EXPECT_EQ(state_.trouble, "the answer is not that of a Sightline server");
}

TEST_F(UplinkTest, ARefusedBatchIsALossAndTheNextIsSent) {
  append("auditd", "one");
  append("auditd", "two");
  const std::vector<Sent> sent =
      run({answers(409, R"({"error":{"code":"conflict","message":"other bytes"}})"), stored()});
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[1].body, "two");
  const std::vector<Loss> losses = ledger_.take();
  ASSERT_EQ(losses.size(), 1U);
  EXPECT_EQ(losses[0].reason, LossReason::refused);
  EXPECT_EQ(losses[0].count, 2U);
  EXPECT_EQ(losses[0].from_ms, 10);
  EXPECT_EQ(losses[0].to_ms, 20);
  EXPECT_EQ(losses[0].detail, "409 other bytes");
}

TEST_F(UplinkTest, WhatComesWhileItWaitsIsSentAtOnce) {
  std::stop_source stop;
  ScriptedServer server({stored()}, stop);
  Uplink uplink({.server = "https://server",
                 .token_file = (directory_.path() / "token").string(),
                 .ca_file = "",
                 .about_host = ""},
                *spool_, ledger_, server, clock_, log_);
  std::jthread running([&] { uplink.run(stop.get_token()); });
  append("auditd", "one");
  uplink.notify();
  running.join();
  EXPECT_EQ(server.requests.at(0).url, "https://server/v1/ingest/auditd");
}

TEST_F(UplinkTest, WithoutATokenNothingIsSent) {
  std::filesystem::remove(directory_.path() / "token");
  append("auditd", "one");
  std::stop_source stop;
  ScriptedServer server({}, stop);
  Uplink uplink({.server = "https://server",
                 .token_file = (directory_.path() / "token").string(),
                 .ca_file = "",
                 .about_host = ""},
                *spool_, ledger_, server, clock_, log_);
  std::jthread running([&] { uplink.run(stop.get_token()); });
  while (uplink.state().trouble.empty()) std::this_thread::yield();
  stop.request_stop();
  running.join();
  EXPECT_TRUE(server.requests.empty());
  EXPECT_EQ(spool_->stats().batches, 1U);
}

}  // namespace
}  // namespace sightline::agent
