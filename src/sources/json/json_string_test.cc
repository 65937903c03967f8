#include "sources/json/json_string.h"

#include <gtest/gtest.h>

#include <string>

namespace sightline::sources {
namespace {

using namespace std::string_literals;

std::optional<std::string> unescape(std::string_view raw) {
  std::string out(raw.size(), '\0');
  const std::optional<std::size_t> size = unescape_json(raw, out.data());
  if (!size) return std::nullopt;
  return out.substr(0, *size);
}

TEST(JsonString, ResolvesEscapes) {
  EXPECT_EQ(unescape(""), "");
  EXPECT_EQ(unescape("plain"), "plain");
  EXPECT_EQ(unescape(R"(a\"b\\c\/d\b\f\n\r\t)"), "a\"b\\c/d\b\f\n\r\t");
  EXPECT_EQ(unescape(R"(\u0041\u00e9\u20AC)"), "Aé€");
  EXPECT_EQ(unescape(R"(\ud83c\udf6a!)"), "\U0001F36A!");
  EXPECT_EQ(unescape(R"(a\u0000b)"), "a\0b"s);
}

TEST(JsonString, HalvesOfSurrogatePairsAreReplaced) {
  EXPECT_EQ(unescape(R"(\ud83c)"), "\uFFFD");
  EXPECT_EQ(unescape(R"(\udf6a)"), "\uFFFD");
  EXPECT_EQ(unescape(R"(\ud83cx)"), "\uFFFDx");
  EXPECT_EQ(unescape(R"(\ud83c\n)"), "\uFFFD\n");
  EXPECT_EQ(unescape(R"(\ud83c\u0041)"),
            "\uFFFD"
            "A");
  EXPECT_EQ(unescape(R"(\ud83c\ud83c\udf6a)"), "\uFFFD\U0001F36A");
}

TEST(JsonString, RefusesWhatJsonDoesNotHave) {
  for (const char* raw : {"\\", "\\x41", "\\'", "\\u", "\\u12", "\\u12g4", "\\u+123", "\\u 123", "\\ud83c\\u12"}) {
    EXPECT_EQ(unescape(raw), std::nullopt) << raw;
  }
}

}  // namespace
}  // namespace sightline::sources
