#include "sources/json/json_splitter.h"

#include <gtest/gtest.h>

#include <random>

#include "sources/decoder.h"
#include "sources/json/json_reader.h"

namespace sightline::sources {
namespace {

bool is_json(std::string_view object) {
  JsonReader reader{PathRules()};
  EventBatch batch;
  reader.start_batch();
  return reader.read(object, batch).has_value();
}

// What came out, in order: objects as they are, bad input as "!line: error".
struct Collected final : JsonSplitter::Sink {
  std::vector<std::string> objects;
  std::vector<std::string> bad;
  std::vector<std::uint64_t> lines;
  std::uint64_t bad_bytes = 0;

  bool on_object(std::string_view bytes, JsonSplitter::Place place) override {
    if (!is_json(bytes)) return false;
    objects.emplace_back(bytes);
    lines.push_back(place.line);
    return true;
  }
  void on_bad_object(std::string_view bytes, JsonSplitter::Place place) override {
    on_bad("not JSON", bytes, bytes.size(), place);
  }
  void on_bad(std::string error, std::string_view bytes, std::uint64_t size_bytes, JsonSplitter::Place place) override {
    EXPECT_LE(bytes.size(), kMaxRejectedBytes);
    bad.push_back(std::to_string(place.line) + ": " + error);
    bad_bytes += size_bytes;
  }
};

Collected split(std::string_view text, std::size_t chunk_size = SIZE_MAX) {
  Collected collected;
  JsonSplitter splitter("Records");
  while (!text.empty()) {
    const std::string_view chunk = text.substr(0, chunk_size);
    text.remove_prefix(chunk.size());
    splitter.write(chunk, collected);
  }
  splitter.finish(collected);
  return collected;
}

using List = std::vector<std::string>;

// Splits in several chunkings, all of which give the same.
Collected split_any(std::string_view text) {
  const Collected whole = split(text);
  for (const std::size_t chunk_size : {1U, 2U, 3U, 7U, 64U}) {
    const Collected chunked = split(text, chunk_size);
    EXPECT_EQ(chunked.objects, whole.objects) << text;
    EXPECT_EQ(chunked.bad, whole.bad) << text;
    EXPECT_EQ(chunked.lines, whole.lines) << text;
    EXPECT_EQ(chunked.bad_bytes, whole.bad_bytes) << text;
  }
  return whole;
}

void expect_good(std::string_view text, const List& objects) {
  const Collected collected = split_any(text);
  EXPECT_EQ(collected.objects, objects) << text;
  EXPECT_EQ(collected.bad, List()) << text;
}

void expect_bad(std::string_view text, const List& objects, const List& bad) {
  const Collected collected = split_any(text);
  EXPECT_EQ(collected.objects, objects) << text;
  EXPECT_EQ(collected.bad, bad) << text;
}

TEST(JsonSplitter, TakesEveryLayout) {
  const std::string a = R"({"a":1})";
  const std::string b = R"({"b":"}]\"\\","Records":{"x":[]}})";
  expect_good("", {});
  expect_good(" \n", {});
  expect_good(a, {a});
  expect_good(a + b, {a, b});
  expect_good(a + "\n" + b + "\n", {a, b});
  expect_good(a + "\r\n" + b + ",\r\n", {a, b});
  expect_good("[" + a + "," + b + "]", {a, b});
  expect_good("[\n  " + a + ",\n  " + b + "\n]\n", {a, b});
  expect_good("[]", {});
  expect_good("[" + a + "][" + b + "]" + a, {a, b, a});
  expect_good(R"({"Records":[)" + a + "," + b + "]}", {a, b});
  expect_good("{\n\"x\":{\"Records\":[1]},\n\"Records\" : [ \n" + a + "\n,\n" + b + "\n],\n\"y\":[{}]\n}\n" + a,
              {a, b, a});
  expect_good(R"({"Records":[]})", {});
  expect_good("{\"Records\":[" + a + "]}\n{\"Records\":[" + b + "]}\n", {a, b});
  expect_good("[{\"Records\":[" + a + "]}," + b + "]", {a, b});
  expect_good("\xEF\xBB\xBF" + a, {a});
}

TEST(JsonSplitter, AKeyThatOnlyLooksLikeTheListIsNone) {
  for (const std::string object :
       {R"({"Records":1})", R"({"Record":[{}]})", R"({"Recordss":[{}]})", R"({"":[{}]})", R"({"x":{"Records":[{}]}})",
        R"({"Rec\u006frds":[{}]})", R"({"x":"Records","y":[{}]})"}) {
    expect_good(object, {object});
  }
}

TEST(JsonSplitter, NamesTheLineOfEachObject) {
  EXPECT_EQ(split_any("{\"Records\":[\n{\"a\":\n1},\n\n{\"b\":2}]}\n{}").lines, (std::vector<std::uint64_t>{2, 5, 6}));
}

TEST(JsonSplitter, OneBadElementDoesNotHurtTheOthers) {
  const std::string g = R"({"good":{"x":[1,{"y":2}]}})";
  const auto in_list = [&](const std::string& bad) { return "{\"Records\":[" + g + "," + bad + "," + g + "]}"; };
  for (const std::string bad : {R"({"a":})", R"({"a" 1})", R"({"a":1,})", R"({,})", R"({"a":[1 2],"b":{"c":[{}]}})",
                                R"({a:1})", R"({"a":{"b":"c" "d"},"e":[{"f":1},{"g":2}]})", R"({'a':1})"}) {
    const Collected collected = split_any(in_list(bad));
    EXPECT_EQ(collected.objects, (List{g, g})) << bad;
    EXPECT_EQ(collected.bad.size(), 1U) << bad;
    EXPECT_EQ(collected.bad_bytes, bad.size()) << bad;
  }
  expect_bad("[1,\"x\",[{}],{}]", {"{}"},
             {"1: expected a JSON object at byte 1", "1: expected a JSON object at byte 3",
              "1: expected a JSON object at byte 7"});
}

TEST(JsonSplitter, AMissingBracketCostsItsOwnElement) {
  expect_bad(R"([{"a":1},{"b":{"c":1},{"d":1},{"e":1}])", {R"({"a":1})", R"({"d":1})", R"({"e":1})"},
             {"1: expected a key in quotes at byte 22"});
  expect_bad("{\"Records\":[{\"a\":1},\n{\"b\":{\"c\":1}\n},\n{\"d\":1}]}",
             {R"({"a":1})", "{\"b\":{\"c\":1}\n}", R"({"d":1})"}, {});
}

TEST(JsonSplitter, AMissingQuoteCostsItsOwnLine) {
  expect_bad("{\"a\":\"x}\n{\"b\":1}\n", {R"({"b":1})"}, {"1: expected the closing quote of a string at byte 8"});
  expect_bad("[\n{\"a\":\"x},\n{\"b\":\"y\"},\n{\"c\":1}\n]\n", {R"({"b":"y"})", R"({"c":1})"},
             {"2: expected the closing quote of a string at byte 11"});
}

TEST(JsonSplitter, LinesCutShortAnywhereCostThemselvesOnly) {
  const std::string line = R"({"a":{"b":[1,{"c":"d\"e"}],"f":true},"g":null})";
  const std::string good = R"({"good":[{"x":1}]})";
  for (std::size_t size = 1; size < line.size(); ++size) {
    const std::string text = line + "\n" + line.substr(0, size) + "\n" + good + "\n" + line + "\n" + good;
    const Collected collected = split_any(text);
    EXPECT_EQ(collected.objects, (List{line, good, line, good})) << text;
    EXPECT_EQ(collected.bad.size(), 1U) << text;
  }
}

TEST(JsonSplitter, AnInputCutShortKeepsItsWholeElements) {
  const std::string text = "{\"Records\":[{\"a\":1},\n{\"b\":[{\"c\":2}]}]}";
  for (std::size_t size = 1; size < text.size(); ++size) {
    const Collected collected = split_any(text.substr(0, size));
    EXPECT_EQ(collected.objects.size(), (size >= 19 ? 1U : 0U) + (size >= 36 ? 1U : 0U)) << size;
    EXPECT_FALSE(collected.bad.empty()) << size;
  }
}

TEST(JsonSplitter, GarbageIsSkippedToTheNextObject) {
  expect_bad("hello\nworld {\"no\":1}\n{\"a\":1}\n", {R"({"a":1})"}, {"1: expected a JSON object at byte 0"});
  expect_bad("}]\n{\"a\":1}", {R"({"a":1})"}, {"1: expected a JSON object at byte 0"});
  expect_bad("\xFF\xFE{\0\"\0", {}, {"1: expected JSON in UTF-8; this looks like UTF-16 at byte 0"});
  expect_bad("\x1F\x8B\x08zzz", {}, {"1: expected JSON; this looks like gzip at byte 0"});
  expect_bad("\xEF\xBB", {}, {"1: expected a JSON object at byte 0"});
}

TEST(JsonSplitter, NestingWithoutEndIsBounded) {
  for (const std::string unit : {"[", "{\"a\":", "{\"a\":[", "[{\"Records\":"}) {
    std::string text = "{\"good\":1}\n";
    for (int i = 0; i < 300'000; ++i) text += unit;
    text += "\n{\"good\":2}\n";
    const Collected collected = split(text, 10'000);
    EXPECT_EQ(collected.objects, (List{R"({"good":1})", R"({"good":2})"})) << unit;
    EXPECT_GE(collected.bad.size(), 1U) << unit;
    EXPECT_LE(collected.bad.size(), 3U) << unit;
  }
}

TEST(JsonSplitter, ALineOverTheLimitIsSkipped) {
  const std::string good = R"({"good":1})";
  const auto check = [&](const std::string& text, std::size_t good_count) {
    for (const std::size_t chunk_size : {std::size_t{70'001}, SIZE_MAX}) {
      const Collected collected = split(text, chunk_size);
      EXPECT_EQ(collected.objects, List(good_count, good));
      EXPECT_EQ(collected.bad.size(), 1U);
    }
  };
  const std::string filler(kMaxLineBytes + 100, 'x');
  check(good + "\n{\"a\":\"" + filler + "\"}\n" + good, 2);
  check("[" + good + ",{\"a\":\"" + filler + "\"}," + good + "]", 2);
  check(good + "\n{\"a\":\"" + filler + "\n" + good + "\n" + good, 3);
  check(good + "\n{\"a\":[" + std::string(kMaxLineBytes, ' ') + "1,\n" + good + "\n" + good, 3);
  check(good + "\n{\"a\":\n" + good + "\n,\"b\":\"" + filler + "\"}\n" + good, 3);
  check("{\"x\":\"" + filler + "\",\"Records\":[" + good + "]}", 1);
}

TEST(JsonSplitter, TheLimitIsExact) {
  const auto object = [](std::size_t size) { return "{\"a\":\"" + std::string(size - 8, 'x') + "\"}"; };
  EXPECT_EQ(split(object(kMaxLineBytes)).objects.size(), 1U);
  EXPECT_EQ(split(object(kMaxLineBytes + 1)).bad.size(), 1U);
  EXPECT_EQ(split(object(kMaxLineBytes + 1), 1000).bad_bytes, kMaxLineBytes + 1);
}

// Whatever is damaged: every chunking gives the same, and most objects survive.
TEST(JsonSplitter, RandomDamageDoesNotDependOnChunks) {
  std::mt19937 random(17);
  const std::string object = R"({"a":{"b":[1,{"c":"d\"e"}],"f":true},"g":null})";
  for (int round = 0; round < 500; ++round) {
    std::string text = round % 2 == 0 ? "{\"Records\":[" : "";
    for (int i = 0; i < 8; ++i) text += object + (round % 2 == 0 ? "," : "\n");
    if (round % 2 == 0) text += "]}";
    for (int i = 0; i < 2; ++i) text[random() % text.size()] = "{}[]\",:\\\n x"[random() % 11];
    split_any(text);
  }
}

}  // namespace
}  // namespace sightline::sources
