#include "sources/json/json_reader.h"

#include <gtest/gtest.h>

#include "sources/decoder.h"

namespace sightline::sources {
namespace {

using namespace std::string_literals;

// Reads one object and shows the event as lines "path=value", numbers with a '#', fields with an '@'.
struct Reader : testing::Test {
  JsonReader reader{schema_rules()};
  EventBatch batch;

  std::string read(std::string_view object) {
    reader.start_batch();
    const auto event = reader.read(object, batch);
    if (!event) return "error: " + event.error().message + " @" + std::to_string(event.error().offset);
    EXPECT_EQ((*event)->original, object);
    return describe(**event);
  }

  static std::string describe(const Event& event) {
    std::string out;
    for (const FieldValue& value : event.fields()) {
      const FieldInfo& info = field_info(value.field);
      out += "@" + std::string(info.name) + "=";
      out += info.type == FieldType::text ? std::string(value.text) : std::to_string(value.integer);
      out += '\n';
    }
    for (const Attribute& attribute : event.attributes()) {
      out += std::string(attribute.path) + "=" + (attribute.kind == Attribute::Kind::number ? "#" : "");
      out += std::string(attribute.text) + "\n";
    }
    return out;
  }
};

TEST_F(Reader, PathsAreJoinedByDotsAndArraysAreLists) {
  EXPECT_EQ(read(R"({"a":{"b":[{"c":1},{"c":"x"},[2,[3]]],"d.e":true}, "":{"":"n"}})"),
            "a.b.c=#1\na.b.c=x\na.b=#2\na.b=#3\na.d.e=true\n.=n\n");
}

TEST_F(Reader, NothingIsMadeOfNullAndEmptyContainers) {
  EXPECT_EQ(read(R"({"a":null,"b":{},"c":[],"d":[null,{}]})"), "");
}

TEST_F(Reader, DuplicateKeysAreAList) { EXPECT_EQ(read(R"({"a":1,"b":2,"a":3})"), "a=#1\nb=#2\na=#3\n"); }

TEST_F(Reader, NumbersKeepEveryDigit) {
  EXPECT_EQ(read(R"({"a":12345678901234567890123.4500,"b":-0.0,"c":1E3,"d":0,"e":-7,"f":1e999,"g":-0})"),
            "a=#12345678901234567890123.45\nb=#0\nc=#1000\nd=#0\ne=#-7\nf=1e999\ng=#0\n");
}

TEST_F(Reader, FieldsTakeWhatFitsTheirType) {
  EXPECT_EQ(read(R"({"pid":1,"ppid":"2","uid":1e3,"exe":"/x","exit":-1,"readOnly":true,"success":"false","tty":5})"),
            "@pid=1\n@ppid=2\n@uid=1000\n@exe=/x\n@exit=-1\n@readOnly=1\n@success=0\n@tty=5\n");
  EXPECT_EQ(read(R"({"userIdentity":{"type":"Root","x":"y"},"args":["a","b"]})"),
            "@userIdentity.type=Root\n@args=a\n@args=b\nuserIdentity.x=y\n");
}

TEST_F(Reader, WhatDoesNotFitIsKeptAsTextAndNamed) {
  EXPECT_EQ(
      read(R"({"pid":"many","pid":1.5,"ppid":99999999999999999999,"success":1,"uid":true,"gid":"007","auid":{"x":1}})"),
      "@malformed=pid\n@malformed=ppid\n@malformed=success\n@malformed=uid\n@malformed=gid\n"
      "pid=many\npid=1.5\nppid=99999999999999999999\nsuccess=1\nuid=true\ngid=007\nauid.x=#1\n");
}

TEST_F(Reader, NamesOfTheServerAreNotTaken) {
  EXPECT_EQ(read(R"({"id":"1","event_time":2,"received_time":3,"original":"4","source":"5","duplicate_of":"6"})"),
            "original_id=1\noriginal_event_time=#2\noriginal_received_time=#3\noriginal_original=4\n"
            "original_source=5\noriginal_duplicate_of=6\n");
}

TEST_F(Reader, StringsMayHoldAnything) {
  EXPECT_EQ(read(R"({"a":"x\u0000y\n","k\u0061":"\ud83d","b":"\\\"{}[],:","c":"ü"})"),
            "a=x\0y\n\nka=\uFFFD\nb=\\\"{}[],:\nc=ü\n"s);
}

TEST_F(Reader, InvalidUtf8IsReplacedAndNamed) {
  EXPECT_EQ(read("{\"a\":\"x\xff\",\"\xc3\":1}"), "@malformed=original\na=x\uFFFD\n\uFFFD=#1\n");
}

TEST_F(Reader, WhiteSpaceDoesNotMatter) {
  EXPECT_EQ(read(" \t\r\n{ \"a\" : [ 1 , 2 ] , \"b\" : { \"c\" : \"x\" } , \"d\" : true }\n "),
            "a=#1\na=#2\nb.c=x\nd=true\n");
}

TEST_F(Reader, ErrorsNameThePlace) {
  EXPECT_EQ(read(""), "error: expected a JSON object @0");
  EXPECT_EQ(read("  "), "error: expected a JSON object @0");
  EXPECT_EQ(read("[1]"), "error: expected a JSON object @0");
  EXPECT_EQ(read("17"), "error: expected a JSON object @0");
  EXPECT_EQ(read(R"({"a":1} x)"), "error: expected nothing more after the object @8");
  EXPECT_EQ(read(R"({"a":1}{"b":2})"), "error: expected nothing more after the object @7");
  EXPECT_EQ(read(R"({"a" 1})"), "error: expected ':' after a key @5");
  EXPECT_EQ(read(R"({"a":})"), "error: expected a value @5");
  EXPECT_EQ(read(R"({"a":1,})"), "error: expected a key in quotes @7");
  EXPECT_EQ(read(R"({"a":1 "b":2})"), "error: expected ',' or '}' after a value @7");
  EXPECT_EQ(read(R"({"a":"x":1})"), "error: expected ',' or '}' after a value @8");
  EXPECT_EQ(read(R"({"a":[1,2)"), "error: expected ',' or ']' after a value @9");
  EXPECT_EQ(read(R"({"a":[1}})"), "error: expected ',' or ']' after a value @7");
  EXPECT_EQ(read(R"({a:1})"), "error: expected a key in quotes @1");
  EXPECT_EQ(read(R"({"a":"x)"), "error: expected the closing quote of a string @7");
  EXPECT_EQ(read("{\"a\":\"x\ny\"}"), "error: expected control characters in strings to be escaped @7");
  EXPECT_EQ(read("{\"a\":\"\0\"}"s), "error: expected control characters in strings to be escaped @6");
  EXPECT_EQ(read("{\"a\":1\0}"s), "error: expected a value @5");
  EXPECT_EQ(read(R"({"a":"\x"})"), "error: expected a valid escape in a string @5");
  for (const char* value :
       {"tru", "True", "nul", "01", "1.", ".5", "+1", "1e", "NaN", "Infinity", "'x'", "0x10", "1 2", "-"}) {
    EXPECT_TRUE(read("{\"a\":" + std::string(value) + "}").starts_with("error: expected")) << value;
  }
  EXPECT_TRUE(batch.empty());
}

TEST_F(Reader, DepthIsLimited) {
  const auto nested = [](std::size_t depth) {
    std::string text;
    for (std::size_t i = 0; i < depth; ++i) text += "{\"a\":";
    return text + "1" + std::string(depth, '}');
  };
  EXPECT_FALSE(read(nested(kMaxDepth)).starts_with("error"));
  EXPECT_EQ(read(nested(kMaxDepth + 1)), "error: nested deeper than 64 levels @320");
  EXPECT_TRUE(read("{\"a\":" + std::string(500'000, '[') + std::string(500'000, ']') + "}").starts_with("error"));
}

TEST_F(Reader, TheNumberOfValuesIsLimited) {
  std::string text = "{\"a\":[0";
  for (std::size_t i = 1; i < 2 * kMaxAttributes; ++i) text += "," + std::to_string(i);
  reader.start_batch();
  const auto event = reader.read(text + "]}", batch);
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ((*event)->attributes().size(), kMaxAttributes);
  EXPECT_EQ((*event)->text(FieldId::malformed), "attributes");
}

TEST_F(Reader, KeysAndPathsAreLimited) {
  std::string keys = "{\"k\":0";
  for (int i = 0; i < 20'000; ++i) keys += ",\"k" + std::to_string(i) + "\":{}";
  EXPECT_EQ(read(keys + "}"), "@malformed=attributes\nk=#0\n");
  const std::string key(PathTable::kMaxPathBytes, 'k');
  EXPECT_EQ(read("{\"" + key + "\":{\"pid\":1},\"pid\":2}"), "@pid=2\n@malformed=attributes\n");
}

TEST_F(Reader, TheResultDoesNotDependOnWhatWasReadBefore) {
  const std::string object = R"({"a":{"b":1,"c":2},"d":[{"e":1},{"f":2,"e":3}],"pid":4})";
  const std::string expected = read(object);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 5'000; ++i) {
      ASSERT_FALSE(read("{\"x" + std::to_string(round * 5'000 + i) + "\":{\"c\":1},\"a\":{\"c\":1,\"b\":2}}").empty());
    }
    EXPECT_EQ(read(object), expected);
  }
}

TEST_F(Reader, EventsOutliveTheReader) {
  EventBatch kept;
  {
    JsonReader own(schema_rules());
    own.start_batch();
    ASSERT_TRUE(own.read(R"({"path.of":"v\n"})", kept).has_value());
  }
  EXPECT_EQ(describe(kept.events().front()), "path.of=v\n\n");
}

}  // namespace
}  // namespace sightline::sources
