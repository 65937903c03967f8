#include "base/log.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/json_text.h"

namespace sightline {
namespace {

class FixedClock final : public Clock {
 public:
  std::int64_t now_ms() const override { return 1'600'362'902'289; }
};

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(JsonText, EscapesWhatJsonNeedsEscaped) {
  EXPECT_EQ(quoted("plain"), R"("plain")");
  EXPECT_EQ(quoted("a\"b\\c\n\r\t"), R"("a\"b\\c\n\r\t")");
  EXPECT_EQ(quoted(std::string_view("\0\x1f\x7f", 3)), R"("\u0000\u001f\u007f")");
}

TEST(JsonText, KeepsValidUtf8AndReplacesTheRest) {
  EXPECT_EQ(quoted("é漢😀"), "\"é漢😀\"");
  EXPECT_EQ(quoted("a\xFFz"), "\"a\xEF\xBF\xBDz\"");
  EXPECT_EQ(quoted("\xC0\xAF"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");                  // overlong
  EXPECT_EQ(quoted("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");  // surrogate
  EXPECT_EQ(quoted("\xE6\xBC"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");                  // cut short
  EXPECT_EQ(quoted("\xF4\x90\x80\x80").size(), 2 + 4 * 3U);                       // beyond U+10FFFF
}

TEST(Log, WritesOneJsonObjectALine) {
  FixedClock clock;
  std::vector<std::string> lines;
  Log log(clock, LogLevel::info, [&](std::string_view line) { lines.emplace_back(line); });
  log.info("request \"done\"", {{"status", 200},
                                {"seconds", 0.5},
                                {"secure", false},
                                {"path", "/v1/\nsearch"},
                                {"principal", std::string("a\xFF")}});
  log.debug("not written");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0], R"({"time":"2020-09-17T17:15:02.289Z","level":"info","message":"request \"done\"","status":200,)"
                      "\"seconds\":0.5,\"secure\":false,\"path\":\"/v1/\\nsearch\",\"principal\":\"a\xEF\xBF\xBD\"}");
}

TEST(Log, BracesInTextAreNotAFormat) {
  FixedClock clock;
  std::vector<std::string> lines;
  Log log(clock, LogLevel::debug, [&](std::string_view line) { lines.emplace_back(line); });
  log.warning("{} {0} %v", {{"k", "{:d}"}});
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NE(lines[0].find(R"("message":"{} {0} %v","k":"{:d}")"), std::string::npos);
}

TEST(Log, OffWritesNothingAndLevelsParse) {
  FixedClock clock;
  int count = 0;
  Log log(clock, LogLevel::off, [&](std::string_view) { ++count; });
  log.error("x");
  EXPECT_EQ(count, 0);
  EXPECT_EQ(parse_log_level("warning"), LogLevel::warning);
  EXPECT_FALSE(parse_log_level("loud").has_value());
}

}  // namespace
}  // namespace sightline
