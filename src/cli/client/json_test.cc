#include "cli/client/json.h"

#include <gtest/gtest.h>

namespace sightline::cli {
namespace {

TEST(Json, KeepsDigitsOrderAndOneLineOfObjects) {
  const Result<Json> json =
      parse_json("{\"b\": 12345678901234567890.10,\n \"a\": [true, null, \"x\\u00e9\"],\n\"o\":{\"p\":1}}");
  ASSERT_TRUE(json) << json.error().message;
  EXPECT_EQ(json->text_of("b"), "12345678901234567890.10");
  EXPECT_EQ(json->members.at(1).name, "a");
  EXPECT_EQ(json->find("a")->as_text(), "true, , xé");
  EXPECT_EQ(json->raw, "{\"b\": 12345678901234567890.10, \"a\": [true, null, \"x\\u00e9\"],\"o\":{\"p\":1}}");
  EXPECT_EQ(json->find_path({"o", "p"})->as_integer(), 1);
  EXPECT_EQ(json->find_path({"o", "q"}), nullptr);
  EXPECT_EQ(json->integer_of("b"), std::nullopt);
}

TEST(Json, ReadsScalarsAndEmptyContainers) {
  EXPECT_EQ(parse_json("42")->as_integer(), 42);
  EXPECT_EQ(parse_json(" \"x\" ")->as_text(), "x");
  EXPECT_EQ(parse_json("null")->kind, Json::Kind::null);
  EXPECT_EQ(parse_json("true")->as_text(), "true");
  EXPECT_EQ(parse_json("[]")->kind, Json::Kind::array);
  EXPECT_EQ(parse_json("{}")->raw, "{}");
}

TEST(Json, RefusesWhatIsNotJson) {
  for (const char* bad : {"", " ", "{", "{\"a\":}", "[1,]", "{\"a\":1} x", "nul", "\"\xff\"", "01"}) {
    EXPECT_FALSE(parse_json(bad)) << bad;
  }
  EXPECT_FALSE(parse_json(std::string(200, '[') + std::string(200, ']')));
}

}  // namespace
}  // namespace sightline::cli
