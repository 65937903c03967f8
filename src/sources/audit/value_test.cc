#include "sources/audit/value.h"

#include <gtest/gtest.h>

namespace sightline::audit {
namespace {

Field quoted(std::string_view value) { return {"k", value, true, false}; }
Field plain(std::string_view value) { return {"k", value, false, false}; }

TEST(Value, Null) {
  for (const char* text : {"", "?", "(null)", "(none)"}) EXPECT_TRUE(is_null(plain(text))) << text;
  EXPECT_TRUE(is_null(quoted("?")));
  for (const char* text : {"", "(null)", "(none)", "(unknown)"}) EXPECT_FALSE(is_null(quoted(text))) << text;
  EXPECT_FALSE(is_null(plain("??")));
}

TEST(Value, TextIsLiteralInQuotesAndHexadecimalWithout) {
  Arena arena;
  EXPECT_EQ(decode_text(quoted("2F62"), arena), "2F62");
  EXPECT_EQ(decode_text(plain("2F62696E2F6c73"), arena), "/bin/ls");
  EXPECT_EQ(decode_text(plain("610062"), arena), std::string_view("a\0b", 3));
  EXPECT_EQ(decode_text(plain("FF"), arena), "\xff");
  EXPECT_EQ(decode_text(plain("2F6"), arena), "2F6");
  EXPECT_EQ(decode_text(plain("root"), arena), "root");
}

TEST(Value, Numbers) {
  EXPECT_EQ(parse_integer("-115"), -115);
  EXPECT_EQ(parse_integer("4294967295"), 4294967295);
  EXPECT_EQ(parse_integer("9223372036854775808"), std::nullopt);
  EXPECT_EQ(parse_integer("12x"), std::nullopt);
  EXPECT_EQ(parse_integer(""), std::nullopt);
  EXPECT_EQ(parse_hex("ffffffffffffff9c"), 0xffffffffffffff9cu);
  EXPECT_EQ(parse_hex("0x7f"), 0x7fu);
  EXPECT_EQ(parse_hex("1ffffffffffffff9c"), std::nullopt);
  EXPECT_EQ(parse_octal("0100101"), 0100101u);
}

TEST(Value, CanonicalIntegers) {
  for (const char* text : {"0", "7", "-7", "100", "999999999999999999"})
    EXPECT_TRUE(is_canonical_integer(text)) << text;
  for (const char* text : {"", "-", "-0", "007", "1.0", "7f", "1000000000000000000"}) {
    EXPECT_FALSE(is_canonical_integer(text)) << text;
  }
}

TEST(Value, ExecutableName) {
  EXPECT_EQ(executable_name("/usr/bin/curl"), "curl");
  EXPECT_EQ(executable_name("curl"), "curl");
  EXPECT_EQ(executable_name("/usr/bin/charon (deleted)"), "charon");
  EXPECT_EQ(executable_name("/usr/bin/python2.7;58d1ccfb (deleted)"), "python2.7");
  EXPECT_EQ(executable_name("/memfd:x (deleted)"), "memfd:x");
}

}  // namespace
}  // namespace sightline::audit
