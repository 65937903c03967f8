// alerts, status, quarantine, verify and token, against answers as the API gives them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/testing_io.h"

namespace sightline::cli {
namespace {

using ::testing::HasSubstr;

constexpr const char* kAlert =
    R"({"id":"0d5bdb8f2d0fbd5c1d5dbb9c0cf7ae2f","rule_id":"ec2-metadata-service","title":"curl asked the metadata service",)"
    R"("severity":1,"status":"open","created":1600362903000,"event_time":1600362902289,"agent_id":"436dd34c",)"
    R"("hostname":"web-1","tags":["attack.t1552"],"event_count":1,"dismissal":null})";

TEST(AlertsCommand, ListsOpenAlerts) {
  TestRun sightline;
  sightline.http.answer = [](const SentRequest&) {
    return http_answer(200, std::string(R"({"alerts":[)") + kAlert + R"(],"cursor":null})");
  };
  EXPECT_EQ(sightline({"alerts", "list", "--time-zone", "UTC"}), ExitCode::fine);
  EXPECT_EQ(sightline.http.sent.at(0).url, "http://127.0.0.1:8080/v1/alerts?limit=100&status=open");
  EXPECT_EQ(
      sightline.out,
      "id                                severity  created (UTC)            title                            host   "
      "events  status\n"
      "0d5bdb8f2d0fbd5c1d5dbb9c0cf7ae2f  1 high    2020-09-17 17:15:03.000  curl asked the metadata service  web-1  "
      "     1  open\n");
  sightline({"alerts", "list", "--status", "all"});
  EXPECT_EQ(sightline.http.sent.back().url, "http://127.0.0.1:8080/v1/alerts?limit=100");
}

TEST(AlertsCommand, ShowsOneWithItsEvents) {
  TestRun sightline;
  sightline.http.answer = [](const SentRequest& request) {
    if (request.url.ends_with("/events")) {
      return http_answer(200, R"({"events":[{"event_time":1600362902289,"event_type":"audit","type":"connect",)"
                              R"("exe":"/usr/bin/curl","auser":"ubuntu","user":"root","dst_ip":"169.254.169.254",)"
                              R"("dst_port":80}]})");
    }
    return http_answer(200, kAlert);
  };
  EXPECT_EQ(sightline({"alerts", "show", "0d5bdb8f2d0fbd5c1d5dbb9c0cf7ae2f", "--time-zone", "UTC"}), ExitCode::fine);
  EXPECT_THAT(sightline.out, HasSubstr("rule        ec2-metadata-service\n"));
  EXPECT_THAT(sightline.out, HasSubstr("ubuntu → root  connect  /usr/bin/curl → 169.254.169.254:80\n"));
  EXPECT_THAT(sightline.out, HasSubstr("sightline search 'agent_id = \"436dd34c\"'"));
}

TEST(AlertsCommand, ShortIdsOnATerminalAreEnough) {
  TestRun sightline;
  sightline.terminal = {.out = true, .err = true, .colour = false, .columns = 90};
  sightline.http.answer = [](const SentRequest& request) {
    if (request.url.ends_with("/events")) return http_answer(200, R"({"events":[]})");
    if (request.url.find("/v1/alerts/") != std::string::npos) return http_answer(200, kAlert);
    return http_answer(200, std::string(R"({"alerts":[)") + kAlert + R"(,{"id":"0d5c"}],"cursor":null})");
  };
  sightline({"alerts", "list", "--time-zone", "UTC"});
  EXPECT_THAT(sightline.out, HasSubstr("0d5bdb8f2d0f  1 high    2020-09-17 17:15:03  curl asked the"));
  EXPECT_EQ(sightline({"alerts", "show", "0d5bdb8f2d0f"}), ExitCode::fine);
  EXPECT_THAT(sightline.http.sent.back().url, HasSubstr("/v1/alerts/0d5bdb8f2d0fbd5c1d5dbb9c0cf7ae2f/events"));
  EXPECT_EQ(sightline({"alerts", "show", "0d5b"}), ExitCode::fine);
  EXPECT_EQ(sightline({"alerts", "show", "ffff"}), ExitCode::usage);
  EXPECT_THAT(sightline.err, HasSubstr("there is no alert \"ffff\""));
  sightline.http.answer = [](const SentRequest&) {
    return http_answer(200, R"({"alerts":[{"id":"0d5b1"},{"id":"0d5b2"}],"cursor":null})");
  };
  EXPECT_EQ(sightline({"alerts", "show", "0d5b"}), ExitCode::usage);
  EXPECT_THAT(sightline.err, HasSubstr("several alerts start with"));
}

TEST(AlertsCommand, DismissesWithAReason) {
  TestRun sightline;
  sightline.http.answer = [](const SentRequest&) { return http_answer(200, kAlert); };
  EXPECT_EQ(sightline({"alerts", "dismiss", "a/b", "--reason", "Maintenance", "--text", "kernel \"update\""}),
            ExitCode::fine);
  EXPECT_EQ(sightline.http.sent.at(0).method, "PATCH");
  EXPECT_EQ(sightline.http.sent.at(0).url, "http://127.0.0.1:8080/v1/alerts/a%2Fb");
  EXPECT_EQ(sightline.http.sent.at(0).body,
            R"({"status":"dismissed","reason":"MAINTENANCE","text":"kernel \"update\""})");
  EXPECT_EQ(sightline({"alerts", "dismiss", "a", "--reason", "because"}), ExitCode::usage);
  EXPECT_EQ(sightline({"alerts", "dismiss", "a", "--reason", "other"}), ExitCode::usage);
  EXPECT_EQ(sightline({"alerts", "dismiss", "a"}), ExitCode::usage);
  EXPECT_EQ(sightline.http.sent.size(), 1U);
  sightline({"alerts", "reopen", "a"});
  EXPECT_EQ(sightline.http.sent.back().body, R"({"status":"open"})");
}

TEST(StatusCommand, TellsHealthAndFigures) {
  TestRun sightline;
  int ready = 200;
  sightline.http.answer = [&](const SentRequest& request) {
    if (request.url.ends_with("/healthz")) return http_answer(200, "ok\n");
    if (request.url.ends_with("/readyz")) return http_answer(ready, "{}");
    return http_answer(200, R"({"version":"0.1.0","events":1234567,"alerts":{"open":2}})");
  };
  EXPECT_EQ(sightline({"status"}), ExitCode::fine);
  EXPECT_THAT(sightline.out, HasSubstr("state                    ready\n"));
  EXPECT_THAT(sightline.out, HasSubstr("events                   1,234,567\n"));
  EXPECT_THAT(sightline.out, HasSubstr("alerts open              2\n"));
  ready = 503;
  EXPECT_EQ(sightline({"status"}), ExitCode::findings);
  EXPECT_THAT(sightline.out, HasSubstr("not ready"));
}

TEST(QuarantineCommand, ListsLines) {
  TestRun sightline;
  sightline.http.answer = [](const SentRequest&) {
    return http_answer(200, R"({"lines":[{"received_time":1600362902289,"source":"cli","format":"auditd","batch":7,)"
                            R"("line":3,"error":"no record type","text":"gar\u001bbage"}],"counts":[]})");
  };
  EXPECT_EQ(sightline({"quarantine", "list", "--time-zone", "UTC"}), ExitCode::fine);
  EXPECT_EQ(sightline.out,
            "received (UTC)           source  format  batch  line  error           input\n"
            "2020-09-17 17:15:02.289  cli     auditd      7     3  no record type  gar\\x1bbage\n");
}

TEST(VerifyCommand, ReadsTheReportBehindTheProgress) {
  TestRun sightline;
  std::string report = R"({"report":{"intact":true,"head":{"number":9,"link":"abc"},"batches":9,"findings":[]}})";
  sightline.http.answer = [&](const SentRequest&) {
    return http_answer(200, "{\"progress\":{\"done\":1,\"total\":9}}\n" + report + "\n");
  };
  EXPECT_EQ(sightline({"verify", "--expect-head", "00ff"}), ExitCode::fine);
  EXPECT_EQ(sightline.http.sent.at(0).url, "http://127.0.0.1:8080/v1/verify?expect_head=00ff");
  EXPECT_EQ(sightline.out,
            "batches          9\nhead             abc\nintact: everything stored is what was committed\n");
  EXPECT_EQ(sightline({"verify", "--expect-head", "00", "--expect-audit-head", "ff"}), ExitCode::fine);
  EXPECT_EQ(sightline.http.sent.back().url, "http://127.0.0.1:8080/v1/verify?expect_head=00&expect_audit_head=ff");
  report = R"({"report":{"intact":false,"head":{"link":"abc"},"finding_count":1,)"
           R"("findings":[{"kind":"content_changed","batch":4,"detail":"event 2 differs"}]}})";
  EXPECT_EQ(sightline({"verify"}), ExitCode::findings);
  EXPECT_THAT(sightline.out, HasSubstr("batch 4: content_changed: event 2 differs\n"));
  report = R"({"progress":{"done":2,"total":9}})";
  EXPECT_EQ(sightline({"verify"}), ExitCode::unreachable);
}

TEST(TokenCommand, PrintsTheSecretAlone) {
  TestRun sightline;
  sightline.http.answer = [](const SentRequest&) {
    return http_answer(201, R"({"token":{"id":"1"},"secret":"s3cret"})");
  };
  EXPECT_EQ(
      sightline({"token", "create", "--name", "web-1", "--scope", "ingest", "--scope", "search", "--agent-id", "a"}),
      ExitCode::fine);
  EXPECT_EQ(sightline.out, "s3cret\n");
  EXPECT_EQ(sightline.http.sent.at(0).body, R"({"name":"web-1","scopes":["ingest","search"],"agent_id":"a"})");
  sightline.http.answer = [](const SentRequest&) { return http_answer(204, ""); };
  EXPECT_EQ(sightline({"token", "revoke", "1"}), ExitCode::fine);
  EXPECT_EQ(sightline.http.sent.back().method, "DELETE");
}

}  // namespace
}  // namespace sightline::cli
