// Telemetry in: answers, keys, encodings, who may speak for whom.
#include <zlib.h>

#include "api_fixture.h"

namespace sightline::testing {
namespace {

constexpr std::string_view kLogin =
    R"({"event_time":1600362902289,"event_type":"login","type":"login","user":"ubuntu"})";
constexpr std::string_view kAudit =
    "type=SYSCALL msg=audit(1600362902.289:101): arch=c000003e syscall=59 success=yes exit=0 ppid=1 pid=2 auid=1000 "
    "uid=0 gid=0 comm=\"sudo\" exe=\"/usr/bin/sudo\" key=(null)\n";

std::string gzip(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

using Ingest = ApiTest;

TEST_F(Ingest, GoodLinesAreStoredAndBadOnesNamed) {
  const std::string body = std::string(kLogin) + "\nnot json\n" + std::string(kLogin) + "\n";
  const json::object answer = post_json("/v1/events", body);
  EXPECT_EQ(answer.at("accepted"), as_json(2));
  EXPECT_EQ(answer.at("rejected_count"), as_json(1));
  EXPECT_EQ(answer.at("rejected").as_array().at(0).at("line"), as_json(2));
  EXPECT_EQ(answer.at("replayed"), as_json(false));
  EXPECT_EQ(search({{"query", "user = 'ubuntu'"}}).at("events").as_array().size(), 2U);

  const json::object quarantine = get_json("/v1/quarantine");
  EXPECT_EQ(quarantine.at("lines").as_array().at(0).at("text"), as_json("not json"));
  EXPECT_EQ(quarantine.at("lines").as_array().at(0).at("hex"), as_json("6e6f74206a736f6e"));
  EXPECT_EQ(quarantine.at("counts").as_array().at(0).at("rejected"), as_json(1));
}

TEST_F(Ingest, ABatchCountsOnce) {
  const std::vector<std::string> key = {"Idempotency-Key: web-1/1700000000/1"};
  const RawResponse first = post("/v1/events", std::string(kLogin), key);
  const RawResponse again = post("/v1/events", std::string(kLogin), key);
  EXPECT_EQ(object_of(first).at("accepted"), as_json(1));
  EXPECT_EQ(object_of(again).at("accepted"), as_json(1));
  EXPECT_EQ(object_of(again).at("replayed"), as_json(true));
  EXPECT_EQ(object_of(again).at("batch"), object_of(first).at("batch"));
  EXPECT_EQ(search({{"query", ""}}).at("events").as_array().size(), 1U);

  const RawResponse other = post("/v1/events", R"({"event_time":1600362902290,"user":"other"})", key);
  EXPECT_EQ(other.status, 409);
  EXPECT_EQ(error_code(other), "conflict");
  EXPECT_EQ(search({{"query", ""}}).at("events").as_array().size(), 1U);
  EXPECT_EQ(get_json("/v1/alerts").at("alerts").as_array().size(), 1U);
}

TEST_F(Ingest, UndoesContentEncoding) {
  const RawResponse gzipped = post("/v1/events", gzip(kLogin), {"Content-Encoding: gzip"});
  EXPECT_EQ(gzipped.status, 200) << gzipped.body;
  EXPECT_EQ(object_of(gzipped).at("accepted"), as_json(1));
  EXPECT_EQ(post("/v1/events", "not gzip", {"Content-Encoding: gzip"}).status, 400);
  EXPECT_EQ(post("/v1/events", std::string(kLogin), {"Content-Encoding: br"}).status, 415);
}

TEST_F(Ingest, ADecompressionBombIsRefused) {
  const std::string bomb = gzip(std::string(300U << 20U, '\n'));
  EXPECT_LT(bomb.size(), 1U << 20U);
  const RawResponse refused = post("/v1/events", bomb, {"Content-Encoding: gzip"});
  EXPECT_EQ(refused.status, 413) << refused.body;
  EXPECT_EQ(search({{"query", ""}}).at("events").as_array().size(), 0U);
}

TEST_F(Ingest, SaysWhichFormatsThereAre) {
  for (const char* format : {"ndjson", "nonsense"}) {
    const RawResponse refused = post(std::string("/v1/ingest/") + format, "x");
    EXPECT_EQ(refused.status, 404) << format;
    EXPECT_NE(refused.body.find("auditd, cloudtrail"), std::string::npos) << refused.body;
  }
  EXPECT_EQ(post("/v1/ingest/auditd", std::string(kAudit)).status, 200);
}

TEST_F(Ingest, AnAdministratorMaySayWhereBytesComeFrom) {
  const RawResponse sent = post(
      "/v1/ingest/auditd?agent_id=436dd34c-f795-11ea-a752-21e3e3eb7c50&hostname=web%201&instance_id=i-1&account_id=2",
      std::string(kAudit));
  EXPECT_EQ(sent.status, 200) << sent.body;
  const json::object page = search({{"query", R"(agent_id = "436dd34c-f795-11ea-a752-21e3e3eb7c50")"}});
  const json::object event = page.at("events").as_array().at(0).as_object();
  EXPECT_EQ(event.at("hostname"), as_json("web 1"));
  EXPECT_EQ(event.at("instance_id"), as_json("i-1"));
  EXPECT_EQ(event.at("original"), as_json(kAudit));
  EXPECT_EQ(post("/v1/ingest/auditd?agentid=x", std::string(kAudit)).status, 400);
}

TEST_F(Ingest, TheYearOfSyslogFollowsFromTheReferenceTime) {
  const std::string line = "Feb  3 04:05:06 web app: year\n";
  EXPECT_EQ(post("/v1/ingest/syslog?reference_time=2019-03-01", line).status, 200);
  const json::object page = search({{"query", R"(log = "year")"}});
  EXPECT_EQ(page.at("events").as_array().at(0).as_object().at("event_time"),
            json::value(std::int64_t{1'549'166'706'000}));
  EXPECT_EQ(post("/v1/ingest/syslog?reference_time=once", line).status, 400);
}

TEST_F(Ingest, OthersSpeakOnlyForTheAgentTheyAreBoundTo) {
  const std::string bound = make_token("ingest", "agent-1");
  const std::string unbound = make_token("ingest");
  const auto send = [&](const std::string& token, const std::string& path) {
    return ask("POST", path, token, std::string(kAudit)).status;
  };
  EXPECT_EQ(send(bound, "/v1/ingest/auditd"), 200);  // it is taken to be agent-1
  EXPECT_EQ(send(bound, "/v1/ingest/auditd?hostname=web-1"), 200);
  EXPECT_EQ(send(bound, "/v1/ingest/auditd?agent_id=agent-1"), 200);
  EXPECT_EQ(send(bound, "/v1/ingest/auditd?agent_id=agent-2"), 403);
  EXPECT_EQ(send(unbound, "/v1/ingest/auditd"), 200);
  EXPECT_EQ(send(unbound, "/v1/ingest/auditd?hostname=web-1"), 403);
  EXPECT_EQ(search({{"query", "agent_id = \"agent-1\""}}).at("events").as_array().size(), 3U);
}

TEST_F(Ingest, ContentDoesNotMakeABoundTokenSomebodyElse) {
  const std::string bound = make_token("ingest", "agent-1");
  const std::string relay = make_token("ingest");
  const std::string forged = R"({"event_time":1600362902289,"event_type":"login","agent_id":"agent-2"})";
  EXPECT_EQ(ask("POST", "/v1/events", bound, forged).status, 200);
  EXPECT_EQ(search({{"query", "agent_id = 'agent-2'"}}).at("events").as_array().size(), 0U);
  EXPECT_EQ(search({{"query", "agent_id = 'agent-1' AND claimed_agent_id = 'agent-2'"}}).at("events").as_array().size(),
            1U);
  EXPECT_EQ(ask("POST", "/v1/events", relay, forged).status, 200);
  EXPECT_EQ(search({{"query", "agent_id = 'agent-2'"}}).at("events").as_array().size(), 1U);
}

TEST_F(Ingest, ATokenMayBeBoundToASource) {
  const std::string token = make_token("ingest", "", "web-1");
  const auto send = [&](const std::string& key) {
    return ask("POST", "/v1/events", token, std::string(kLogin), {"Idempotency-Key: " + key}).status;
  };
  EXPECT_EQ(send("web-1/0/1"), 200);
  EXPECT_EQ(send("web-2/0/1"), 403);
  EXPECT_EQ(send("web-1"), 400);
}

TEST_F(Ingest, NobodyUsesUpAnothersKeys) {
  const std::string one = make_token("ingest");
  const std::string other = make_token("ingest");
  const std::vector<std::string> key = {"Idempotency-Key: web-1/0/1"};
  EXPECT_EQ(object_of(ask("POST", "/v1/events", one, std::string(kLogin), key)).at("replayed"), as_json(false));
  EXPECT_EQ(object_of(ask("POST", "/v1/events", other, std::string(kLogin), key)).at("replayed"), as_json(false));
}

}  // namespace
}  // namespace sightline::testing
