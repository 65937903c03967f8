#include "cli/terminal/terminal_text.h"

#include <gtest/gtest.h>

namespace sightline::cli {
namespace {

TEST(Printable, WritesOutWhatCommandsATerminal) {
  EXPECT_EQ(printable("\x1b]0;owned\x07\x1b[2J"), "\\x1b]0;owned\\x07\\x1b[2J");
  EXPECT_EQ(printable("a\nb\tc\rd"), "a\\nb\\tc\\rd");
  EXPECT_EQ(printable(std::string_view("nul\0del\x7f", 8)), "nul\\x00del\\x7f");
  EXPECT_EQ(printable("csi \xc2\x9b"
                      "31m"),
            "csi \\x9b31m");  // C1, eight-bit CSI in UTF-8
}

TEST(Printable, WritesOutWhatDeceivesTheReader) {
  EXPECT_EQ(printable("a\u202Etxt.exe"), "a\\u{202e}txt.exe");
  EXPECT_EQ(printable("a\u200Bb\u2028c"), "a\\u{200b}b\\u{2028}c");
  EXPECT_EQ(printable("\xff\xc3("), "\\xff\\xc3(");
}

TEST(Printable, LeavesTextAlone) {
  for (const char* text : {"", "plain C:\\Users", "naïve", "日本語", "👩\u200D💻", "e\u0301"})
    EXPECT_EQ(printable(text), text);
}

TEST(DisplayWidth, CountsCells) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("日本"), 4U);
  EXPECT_EQ(display_width("e\u0301"), 1U);
  EXPECT_EQ(display_width("😀"), 2U);
  EXPECT_EQ(display_width(""), 0U);
}

TEST(Fit, CutsBetweenGraphemesAndSaysSo) {
  EXPECT_EQ(fit("abcdef", 6), "abcdef");
  EXPECT_EQ(fit("abcdef", 4), "abc…");
  EXPECT_EQ(fit("日本語", 4), "日…");  // a wide character does not fit the cell before the ellipsis
  EXPECT_EQ(fit("abe\u0301f", 3), "ab…");
  EXPECT_EQ(fit("e\u0301xyz", 2), "e\u0301…");
  EXPECT_EQ(fit("abc", 1), "…");
  EXPECT_EQ(fit("abc", 0), "");
}

TEST(Fit, NeverExceedsTheWidth) {
  const std::string text = "a日e\u0301😀 x\u200Dy👩\u200D💻 z";
  for (std::size_t width = 0; width < 20; ++width) EXPECT_LE(display_width(fit(text, width)), width) << width;
}

TEST(JsonForTerminal, EscapesButStaysTheSameValue) {
  EXPECT_EQ(json_for_terminal("{\"a\":\"\x7f\u202E\xc2\x9b\"}\n"), "{\"a\":\"\\u007f\\u202e\\u009b\"}\n");
  EXPECT_EQ(json_for_terminal("\"\U000E0041\""), "\"\\udb40\\udc41\"");  // a tag character, beyond the basic plane
  EXPECT_EQ(json_for_terminal("\"日 é\""), "\"日 é\"");
}

TEST(Styled, OnlyWithColour) {
  EXPECT_EQ(styled("x", Style::red, true), "\x1b[31mx\x1b[0m");
  EXPECT_EQ(styled("x", Style::red, false), "x");
  EXPECT_EQ(styled("x", Style::plain, true), "x");
}

}  // namespace
}  // namespace sightline::cli
