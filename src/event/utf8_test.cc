#include "event/utf8.h"

#include <gtest/gtest.h>

#include <random>

namespace sightline {
namespace {

using namespace std::string_literals;

std::string valid(std::string_view bytes) {
  std::string out;
  append_valid_utf8(out, bytes);
  return out;
}

TEST(Utf8, KeepsWhatIsValid) {
  for (const std::string& text : {""s, "plain ascii, longer than one word"s, "Grüße"s, "日本語"s, "\U0001F36A"s, "\0"s,
                                  "\xED\x9F\xBF"s, "\xEE\x80\x80"s, "\xF4\x8F\xBF\xBF"s, "\xC2\x80"s}) {
    EXPECT_TRUE(is_valid_utf8(text)) << text;
    EXPECT_EQ(valid(text), text);
  }
}

TEST(Utf8, ReplacesEachInvalidByte) {
  EXPECT_EQ(valid("a\xFFz"), "a\uFFFDz");
  EXPECT_EQ(valid("\xC0\xAF"), "\uFFFD\uFFFD");            // overlong
  EXPECT_EQ(valid("\xE0\x80\x80"), "\uFFFD\uFFFD\uFFFD");  // overlong
  EXPECT_EQ(valid("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");  // surrogate
  EXPECT_EQ(valid("\xF4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(valid("\xF0\x9F\x8D"), "\uFFFD\uFFFD\uFFFD");  // cut short
  EXPECT_EQ(valid("\xE2\x82z"), "\uFFFD\uFFFDz");
  EXPECT_EQ(valid("12345678\x80"), "12345678\uFFFD");
}

TEST(Utf8, TheResultIsAlwaysValid) {
  std::mt19937 random(11);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes(random() % 24, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random() % 2 == 0 ? random() : 0xE0 + random() % 24);
    const std::string text = valid(bytes);
    ASSERT_TRUE(is_valid_utf8(text));
    if (is_valid_utf8(bytes)) {
      ASSERT_EQ(text, bytes);
    }
  }
}

}  // namespace
}  // namespace sightline
