#include "event/json.h"

#include <gtest/gtest.h>

namespace sightline {
namespace {

using namespace std::string_literals;
using Kind = Attribute::Kind;

// An event whose views point at literals.
struct JsonForm : testing::Test {
  EventBatch batch;
  Event& event = batch.add();

  std::string json(JsonOptions options = {}) const {
    std::string out;
    append_json(out, event, options);
    return out;
  }
};

TEST_F(JsonForm, OfAnEmptyEvent) { EXPECT_EQ(json(), R"({"event_time":0,"original":""})"); }

TEST_F(JsonForm, FieldsComeInSchemaOrderAndAttributesByPath) {
  event.id = parse_event_id("000102030405060708090a0b0c0d0e0f").value();
  event.event_time_ms = 1722430001000;
  event.received_time_ms = 1722430002000;
  event.original = "{}";
  event.add_integer(FieldId::pid, -7);
  event.add_boolean(FieldId::read_only, false);
  event.add_text(FieldId::event_type, "host");
  event.add_attribute("z", Kind::number, "12345678901234567890.5");
  event.add_attribute("a.b", Kind::text, "1");
  EXPECT_EQ(json(),
            R"({"id":"000102030405060708090a0b0c0d0e0f","event_time":1722430001000,"received_time":1722430002000,)"
            R"("event_type":"host","pid":-7,"readOnly":false,"a.b":"1","z":12345678901234567890.5,"original":"{}"})");
}

TEST_F(JsonForm, ListsAreArraysAlsoWithOneElement) {
  event.add_text(FieldId::args, "ls");
  event.add_text(FieldId::exe, "/bin/ls");
  event.add_text(FieldId::exe, "/usr/bin/ls");
  event.add_attribute("x", Kind::text, "1");
  event.add_attribute("y", Kind::text, "2");
  event.add_attribute("x", Kind::number, "3");
  EXPECT_EQ(json({.original = false}),
            R"({"event_time":0,"exe":["/bin/ls","/usr/bin/ls"],"args":["ls"],"x":["1",3],"y":"2"})");
}

TEST_F(JsonForm, AnAttributeNamedLikeAFieldJoinsIt) {
  event.add_integer(FieldId::pid, 1);
  event.add_attribute("pid", Kind::text, "many");
  event.add_attribute("ppid", Kind::text, "few");
  EXPECT_EQ(json({.original = false}), R"({"event_time":0,"pid":[1,"many"],"ppid":"few"})");
}

TEST_F(JsonForm, AttributesDoNotTakeTheKeysOfTheEventItself) {
  for (const char* path : {"id", "event_time", "received_time", "original", "original_base64"}) {
    event.add_attribute(path, Kind::text, "x");
  }
  EXPECT_EQ(json(), R"({"event_time":0,"original_event_time":"x","original_id":"x","original_original":"x",)"
                    R"("original_original_base64":"x","original_received_time":"x","original":""})");
}

TEST_F(JsonForm, TextIsEscapedAndAlwaysUtf8) {
  const std::string text = "\"\\\n\x01\0ü\xff end"s;
  event.add_text(FieldId::log, text);
  EXPECT_EQ(json({.original = false}), R"({"event_time":0,"log":"\"\\\n\u0001\u0000ü)"
                                       "\uFFFD"
                                       R"( end"})");
}

TEST_F(JsonForm, AnOriginalThatIsNotUtf8IsBase64) {
  event.original = "\xff\xfe";
  EXPECT_EQ(json(), R"({"event_time":0,"original_base64":"//4="})");
  event.original = "abc\xff";
  EXPECT_EQ(json(), R"({"event_time":0,"original_base64":"YWJj/w=="})");
  event.original = "ab\xff";
  EXPECT_EQ(json(), R"({"event_time":0,"original_base64":"YWL/"})");
}

}  // namespace
}  // namespace sightline
