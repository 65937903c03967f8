#include "sources/ndjson/ndjson_decoder.h"

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <random>

#include "event/json.h"
#include "testing/corpora.h"

namespace sightline::ndjson {
namespace {

using namespace std::string_literals;

sources::Decoded decode(std::string_view bytes, std::size_t chunk_size = SIZE_MAX,
                        const sources::DecodeContext& context = {}) {
  sources::Decoded out;
  const auto decoder = make_ndjson_decoder(context);
  while (!bytes.empty()) {
    const std::string_view chunk = bytes.substr(0, chunk_size);
    bytes.remove_prefix(chunk.size());
    decoder->write(chunk, out);
  }
  decoder->finish(out);
  return out;
}

std::string json(const Event& event, bool original = false) {
  std::string out;
  append_json(out, event, {.original = original});
  return out;
}

// The JSON form of the only event of the input.
std::string decode_one(std::string_view bytes) {
  const sources::Decoded out = decode(bytes);
  EXPECT_EQ(out.events.size(), 1U) << bytes;
  if (out.events.size() != 1) return out.rejected.empty() ? "" : out.rejected.front().error;
  EXPECT_EQ(out.events.events().front().original, bytes);
  return json(out.events.events().front());
}

// The JSON form of one event from a sender whose credential is bound to an agent.
std::string decode_bound(std::string_view bytes, const sources::DecodeContext& context) {
  const sources::Decoded out = decode(bytes, SIZE_MAX, context);
  return out.events.size() == 1 ? json(out.events.events().front()) : "";
}

TEST(Ndjson, ABoundSenderIsWhoItsTokenSays) {
  const sources::DecodeContext bound{"a", "h", "i-1", "1", 0, true};
  EXPECT_EQ(
      decode_bound(
          R"({"event_time":1722430001000,"agent_id":"b","hostname":["h","k"],"instance_id":"i-2","account_id":2})",
          bound),
      R"({"event_time":1722430001000,"event_type":"host","agent_id":"a","hostname":"h","instance_id":"i-1",)"
      R"("account_id":"1","claimed_account_id":"2","claimed_agent_id":"b","claimed_hostname":"k","claimed_instance_id":"i-2"})");
  EXPECT_EQ(decode_bound(R"({"event_time":1722430001000,"host.id":"b","agent_id":"a"})", {"a", "", "", "", 0, true}),
            R"({"event_time":1722430001000,"event_type":"host","agent_id":"a","claimed_agent_id":"b"})")
      << "also under another name of the field";
}

TEST(Ndjson, OfABoundSenderThatSaysNoMoreTheLineDescribesTheHost) {
  EXPECT_EQ(decode_bound(R"({"event_time":1722430001000,"hostname":"k"})", {"a", "", "", "", 0, true}),
            R"({"event_time":1722430001000,"event_type":"host","agent_id":"a","hostname":"k"})");
}

TEST(Ndjson, ARelayPassesIdentitiesOn) {
  EXPECT_EQ(decode_bound(R"({"event_time":1722430001000,"agent_id":"b"})", {"relay", "h", "", "", 0, false}),
            R"({"event_time":1722430001000,"event_type":"host","agent_id":"b","hostname":"h"})");
}

TEST(Ndjson, NamesOfTheSchemaAreFields) {
  EXPECT_EQ(
      decode_one(
          R"({"event_time":1722430001000,"event_type":"audit","pid":7,"user":{"username":"x"},"success":true,"args":["a"]})"),
      R"({"event_time":1722430001000,"event_type":"audit","args":["a"],"pid":7,"success":true,"user.username":"x"})");
}

TEST(Ndjson, OtherNamesOfOneFieldAreThatField) {
  EXPECT_EQ(
      decode_one(
          R"({"@timestamp":"2024-07-31T12:46:41Z","process":{"executable":"/bin/ls","args":["ls","-l"]},"Image":"x","region":"eu"})"),
      R"({"event_time":1722430001000,"event_type":"host","exe":["/bin/ls","x"],"args":["ls","-l"],"awsRegion":"eu"})");
  EXPECT_EQ(decode_one(R"({"ip":"1.2.3.4","port":22})"),
            R"({"event_time":0,"event_type":"host","ip":"1.2.3.4","port":22})");
}

TEST(Ndjson, TheBestTimeCounts) {
  const auto time = [](std::string_view bytes) { return decode(bytes).events.events().at(0).event_time_ms; };
  EXPECT_EQ(time(R"({"timestamp":1600362961})"), 1600362961000);
  EXPECT_EQ(time(R"({"timestamp":"1600362961"})"), 1600362961000);
  EXPECT_EQ(time(R"({"eventTime":"2024-07-31T12:46:41Z"})"), 1722430001000);
  EXPECT_EQ(time(R"({"timestamp":1600362961,"event_time":1600362902289,"@timestamp":1})"), 1600362902289);
  EXPECT_EQ(time(R"({"event_time":1600362902289,"timestamp":1600362961})"), 1600362902289);
  EXPECT_EQ(time(R"({})"), 0);
  EXPECT_EQ(decode_one(R"({"timestamp":1600362961,"event_time":1600362902289})"),
            R"({"event_time":1600362902289,"event_type":"host","timestamp":1600362961})");
}

TEST(Ndjson, AbsurdTimesAreKeptAndNamed) {
  EXPECT_EQ(decode_one(R"({"event_time":12})"),
            R"({"event_time":0,"event_type":"host","malformed":["event_time"],"original_event_time":"12"})");
  EXPECT_EQ(decode_one(R"({"timestamp":"99999-01-01T00:00:00Z"})"),
            R"({"event_time":0,"event_type":"host","malformed":["timestamp"],"timestamp":"99999-01-01T00:00:00Z"})");
}

TEST(Ndjson, ValuesThatDoNotFitAreKeptAndNamed) {
  EXPECT_EQ(decode_one(R"({"pid":"many","ProcessId":1.5})"),
            R"({"event_time":0,"event_type":"host","malformed":["pid"],"pid":"many","ProcessId":"1.5"})");
}

TEST(Ndjson, OurOwnOutputCanBeReadAgain) {
  sources::Decoded first = decode(R"({"event_time":1722430001000,"pid":"many","exe":"/x","n":1.50,"l":[1,"a"]})");
  Event& event = first.events.events().front();
  event.id[0] = 1;
  event.received_time_ms = 1722430002000;
  const std::string line = json(event, true);
  const sources::Decoded second = decode(line);
  ASSERT_EQ(second.events.size(), 1U);
  const Event& again = second.events.events().front();
  EXPECT_EQ(again.original, line);
  EXPECT_EQ(again.id, EventId{});
  EXPECT_EQ(again.received_time_ms, 0);
  EXPECT_EQ(
      json(again),
      R"({"event_time":1722430001000,"event_type":"host","malformed":["pid"],"exe":"/x","pid":"many","l":[1,"a"],"n":1.5,)"
      R"("original_id":"01000000000000000000000000000000",)"
      R"("original_original":"{\"event_time\":1722430001000,\"pid\":\"many\",\"exe\":\"/x\",\"n\":1.50,\"l\":[1,\"a\"]}",)"
      R"("original_received_time":1722430002000})");
}

TEST(Ndjson, LinesMayEndInAnyWay) {
  const sources::Decoded out = decode("\xEF\xBB\xBF{\"log\":\"a\"}\r\n\r\n \t\n{\"log\":\"b\"}\n{\"log\":\"c\"}");
  ASSERT_EQ(out.events.size(), 3U);
  EXPECT_EQ(out.rejected_count, 0U);
  EXPECT_EQ(out.events.events()[0].original, "{\"log\":\"a\"}");
  EXPECT_EQ(out.events.events()[2].original, "{\"log\":\"c\"}");
}

TEST(Ndjson, BadLinesAreNamedAndGoodOnesKept) {
  const std::string text =
      "{\"log\":\"a\"}\n"
      "{\"log\":\n"
      "[1]\n"
      "plain text\n"
      "{\"log\":\"b\"} {\"log\":\"c\"}\n"
      "{\"log\":\"\x01\"}\n"
      "{\"log\":\"\xff\"}\n"
      "\xff\xfe{\n"
      "{\"log\":\"z\"}\n"
      "{\"log\":\"cut sho";
  for (const std::size_t chunk_size : {std::size_t{1}, std::size_t{5}, SIZE_MAX}) {
    const sources::Decoded out = decode(text, chunk_size);
    EXPECT_EQ(out.events.size(), 3U);
    std::vector<std::string> rejected;
    for (const sources::Rejected& bad : out.rejected) rejected.push_back(std::to_string(bad.line) + ": " + bad.error);
    EXPECT_EQ(rejected, (std::vector<std::string>{
                            "2: expected a value at column 8",
                            "3: expected a JSON object at column 1",
                            "4: expected a JSON object at column 1",
                            "5: expected nothing more after the object at column 13",
                            "6: expected control characters in strings to be escaped at column 9",
                            "8: expected a JSON object at column 1",
                            "10: expected the closing quote of a string at column 16",
                        }));
  }
}

TEST(Ndjson, ALongLineIsRejectedAndTheNextOneRead) {
  const std::string text = "{\"log\":\"" + std::string(20'000'000, 'x') + "\"}\n{\"log\":\"a\"}\n";
  for (const std::size_t chunk_size : {std::size_t{100'000}, SIZE_MAX}) {
    sources::Decoded out = decode(text, chunk_size);
    EXPECT_EQ(out.events.size(), 1U);
    ASSERT_EQ(out.rejected.size(), 1U);
    EXPECT_EQ(out.rejected[0].line, 1U);
    EXPECT_EQ(out.rejected[0].size_bytes, 20'000'010U);
    EXPECT_LE(out.rejected[0].bytes.size(), sources::kMaxRejectedBytes);
    EXPECT_LE(out.events.arena().allocated_bytes(), 1000U);
  }
  const auto line = [](std::size_t size) { return "{\"log\":\"" + std::string(size - 10, 'x') + "\"}"; };
  EXPECT_EQ(decode(line(sources::kMaxLineBytes) + "\r\n").events.size(), 1U);
  EXPECT_EQ(decode(line(sources::kMaxLineBytes) + "\r\n", 1000).events.size(), 1U);
  EXPECT_EQ(decode(line(sources::kMaxLineBytes + 1) + "\n").rejected_count, 1U);
  EXPECT_EQ(decode(line(sources::kMaxLineBytes + 1) + "\n", 1000).rejected_count, 1U);
}

// What is written is read back: fields and attributes of any text, NULs and quotes included.
TEST(Ndjson, RandomTextsSurviveTheJsonForm) {
  std::mt19937 random(29);
  for (int i = 0; i < 2'000; ++i) {
    EventBatch batch;
    Event& event = batch.add();
    event.event_time_ms = 1722430001000;
    std::string text;
    for (std::size_t size = random() % 30; size > 0; --size) {
      const std::array<std::string, 8> kParts = {"a", "\0"s, "\"", "\\", "\n", "ü", "\U0001F36A", "\x7f"};
      text += kParts[random() % kParts.size()];
    }
    event.add_text(FieldId::event_type, "host");
    event.add_text(FieldId::log, text);
    event.add_attribute("some.path", Attribute::Kind::text, text);
    const std::string line = json(event);
    const sources::Decoded out = decode(line);
    ASSERT_EQ(out.events.size(), 1U) << line;
    EXPECT_EQ(json(out.events.events().front()), line);
    EXPECT_EQ(out.events.events().front().text(FieldId::log), text);
  }
}

TEST(NdjsonCorpus, EveryLineOfTheCloudtrailRuleTestsIsRead) {
  SIGHTLINE_NEEDS_CORPUS("cloudtrail/panther/tests.ndjson");
  std::ifstream file(testing::corpora() / "cloudtrail/panther/tests.ndjson", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const sources::Decoded out = decode(text);
  EXPECT_EQ(out.rejected_count, 0U);
  std::string joined;
  for (const Event& event : out.events.events()) joined += std::string(event.original) + "\n";
  EXPECT_TRUE(joined == text);
}

}  // namespace
}  // namespace sightline::ndjson
