// The small parts: times, networks, wildcards, patterns, names, UTF-8.
#include <gtest/gtest.h>

#include <algorithm>

#include "event/field.h"
#include "query/cidr.h"
#include "query/glob.h"
#include "query/name_distance.h"
#include "query/path_catalog.h"
#include "query/pattern.h"
#include "query/string_literal.h"
#include "query/time_literal.h"
#include "query/utf8.h"
#include "query/value_matchers.h"

namespace sightline::query {
namespace {

using namespace std::string_view_literals;

constexpr std::int64_t kNowMs = 1'700'000'000'000;

std::int64_t length_ms(std::string_view text) {
  const auto range = parse_time(text, kNowMs);
  return range ? range->end_ms - range->begin_ms : -1;
}

TEST(TimeLiteral, IsAsLongAsItWasWritten) {
  EXPECT_EQ(length_ms("1600362902289"), 1);
  EXPECT_EQ(length_ms("1600362961"), 1000);
  EXPECT_EQ(length_ms("2026-03-01"), 86'400'000);
  EXPECT_EQ(length_ms("2026-03-01T10:15"), 60'000);
  EXPECT_EQ(length_ms("2026-03-01T10:15Z"), 60'000);
  EXPECT_EQ(length_ms("2026-03-01T10:15+02:00"), 60'000);
  EXPECT_EQ(length_ms("2026-03-01 10:15:30"), 1000);
  EXPECT_EQ(length_ms("2026-03-01T10:15:30.5-0130"), 1);
  EXPECT_EQ(length_ms("now"), 1);
  EXPECT_EQ(length_ms("NOW-3W"), 1);
}

TEST(TimeLiteral, RefusesTheRest) {
  for (const std::string_view text : {"",
                                      "1",
                                      "123456789",
                                      "12345678901",
                                      "123456789012",
                                      "12345678901234",
                                      "-1600362961",
                                      "2026-13-01",
                                      "2026-02-29",
                                      "2026-3-1",
                                      "2026-03-01T",
                                      "2026-03-01T25:00",
                                      "now-",
                                      "now-m",
                                      "now-5",
                                      "now--5m",
                                      "now-5y",
                                      "now-0s",
                                      "nowadays",
                                      "now-99999999999999999999s",
                                      "now-9223372036854775807w",
                                      "10:15"}) {
    EXPECT_EQ(length_ms(text), -1) << text;
  }
}

TEST(Duration, WholeUnits) {
  EXPECT_EQ(parse_duration_ms("5m"), 300'000);
  EXPECT_EQ(parse_duration_ms("1W"), 604'800'000);
  EXPECT_EQ(parse_duration_ms("0m"), std::nullopt);
  EXPECT_EQ(parse_duration_ms("-5m"), std::nullopt);
  EXPECT_EQ(parse_duration_ms("5"), std::nullopt);
  EXPECT_EQ(parse_duration_ms(""), std::nullopt);
  EXPECT_EQ(parse_duration_ms("5mm"), std::nullopt);
  EXPECT_EQ(duration_to_string(7'200'000), "2h");
  EXPECT_EQ(duration_to_string(90'000), "90s");
}

TEST(Cidr, Addresses) {
  EXPECT_EQ(parse_ip("10.0.0.1"), parse_ip("::ffff:10.0.0.1"));
  EXPECT_NE(parse_ip("10.0.0.1"), parse_ip("::10.0.0.1"));
  for (const std::string_view text :
       {""sv, "1.2.3"sv, "1.2.3.4.5"sv, "1.2.3.256"sv, "01.2.3.4"sv, "1.2.3.4 "sv, "1.2.3.4\0"sv, "::1\0"sv, "1:2"sv,
        ":::"sv, "g::"sv, "::1%lo"sv, "[::1]"sv, "1.2.3.+4"sv, "0x1.2.3.4"sv, "::ffff:1.2.3.04"sv}) {
    EXPECT_EQ(parse_ip(text), std::nullopt) << text;
  }
}

TEST(Cidr, Networks) {
  const auto contains = [](std::string_view network, std::string_view address) {
    return parse_cidr(network)->contains(*parse_ip(address));
  };
  EXPECT_TRUE(contains("10.0.0.0/8", "10.255.255.255"));
  EXPECT_FALSE(contains("10.0.0.0/8", "11.0.0.0"));
  EXPECT_TRUE(contains("10.0.0.7/29", "10.0.0.0"));
  EXPECT_FALSE(contains("10.0.0.7/29", "10.0.0.8"));
  EXPECT_TRUE(contains("0.0.0.0/0", "255.255.255.255"));
  EXPECT_FALSE(contains("0.0.0.0/0", "::1"));
  EXPECT_TRUE(contains("fe80::/10", "febf::1"));
  EXPECT_FALSE(contains("fe80::/10", "fec0::1"));
  EXPECT_TRUE(contains("::/0", "1.2.3.4"));
  for (const std::string_view text :
       {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/08", "::/129", "::/-1", "/8", "a/8", "10.0.0.0/8/8"}) {
    EXPECT_FALSE(parse_cidr(text).has_value()) << text;
  }
}

TEST(Glob, WholeValue) {
  const auto matches = [](std::string_view pattern, std::string_view value) {
    return Glob(pattern, false).matches(value);
  };
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("**", "x"));
  EXPECT_TRUE(matches("a*a", "aa"));
  EXPECT_FALSE(matches("a*a", "a"));
  EXPECT_TRUE(matches("*ab*ab*", "xababx"));
  EXPECT_FALSE(matches("*ab*ab*", "xabax"));
  EXPECT_TRUE(matches("a*b*c", "a-b-b-c-c"));
  EXPECT_FALSE(matches("a*b*c", "a-b-c-d"));
  EXPECT_TRUE(matches("\\**", "*x"));
  EXPECT_FALSE(matches("\\**", "x"));
  EXPECT_TRUE(matches("\\\\*", "\\x"));
  EXPECT_TRUE(matches("\\w*", "\\wx"));
  EXPECT_TRUE(matches("x*\\", "x\\"));
  EXPECT_TRUE(Glob("A*z", true).matches("a...Z"));
}

TEST(Pattern, OptionsOfTheLanguage) {
  const auto matches = [](std::string_view pattern, std::string_view value) {
    return Pattern::compile(pattern)->matches(value);
  };
  EXPECT_TRUE(matches("b", "abc"));
  EXPECT_FALSE(matches("a.c", "a\nc"));
  EXPECT_FALSE(matches("B", "abc"));
  EXPECT_FALSE(matches("^b", "a\nb"));
  EXPECT_TRUE(matches("^a\\x{FFFD}b$",
                      "a\xFF\xFE"
                      "b"));
  EXPECT_TRUE(matches("^.{1000}$", std::string(1000, 'x')));
  EXPECT_FALSE(Pattern::compile("a\0b"sv).has_value());
  EXPECT_FALSE(Pattern::compile("\xFF").has_value());
  EXPECT_FALSE(Pattern::compile("((((a{100}){10}){10}){10}){10}").has_value());
}

TEST(Pattern, BoundsGroupsWithinEachOther) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '(') + "a" + std::string(depth, ')'); };
  EXPECT_TRUE(Pattern::compile(nested(100)).has_value());
  // What is no group does not count, and hides none that is.
  const std::string brackets(200, '(');
  const std::vector<std::string> others{"",
                                        "[]" + brackets + "]",
                                        "[^]" + brackets + "]",
                                        "[^][]",
                                        "[[:alpha:]" + brackets + "]",
                                        "[[:alpha:][]",
                                        "[[:]",
                                        "[\\]]",
                                        "\\[",
                                        "\\Q" + brackets + "\\E",
                                        "\\Q[\\E",
                                        "\\Q\\\\E"};
  for (const std::string& before : others) {
    EXPECT_TRUE(Pattern::compile(before + nested(100)).has_value()) << before;
    EXPECT_FALSE(Pattern::compile(before + nested(101)).has_value()) << before;
  }
  EXPECT_TRUE(Pattern::compile("\\Q" + brackets).has_value());
}

TEST(Utf8, RunsOfInvalidBytesCollapse) {
  EXPECT_EQ(to_valid_utf8("a\xFF\xFE"
                          "b"),
            "a\uFFFDb");
  EXPECT_EQ(to_valid_utf8("caf\xE9s"), "caf\uFFFDs");
  EXPECT_EQ(to_valid_utf8("\xF0\x9F\x94\x91\xF0\x9F"), "\U0001F511\uFFFD");
  EXPECT_EQ(to_valid_utf8("\xED\xA0\x80\xC0\xAF"), "\uFFFD");
  EXPECT_EQ(to_valid_utf8("\xEF\xBF\xBD\xFF"), "\uFFFD\uFFFD");
}

TEST(StringLiteral, EncodingIsUndoneByDecoding) {
  for (const std::string_view value : {""sv, "plain"sv, "\"'`\\"sv, "\0\x01\n\r\t\x7F"sv, "\xFF\xC3é🔑"sv, "*\\*"sv}) {
    const std::string text = encode_string(value);
    EXPECT_EQ(decode_string(std::string_view(text).substr(1, text.size() - 2), 0).value(), value);
  }
}

TEST(TextSet, ManyTextsAndFew) {
  TextSet folded(true);
  TextSet exact(false);
  for (int i = 0; i < 50; ++i) {
    folded.insert("Text" + std::to_string(i));
    exact.insert("Text" + std::to_string(i));
    EXPECT_TRUE(folded.contains("tEXT" + std::to_string(i)));
    EXPECT_TRUE(folded.contains("text0"));
    EXPECT_TRUE(exact.contains("Text0"));
    EXPECT_FALSE(exact.contains("text0"));
    EXPECT_FALSE(folded.contains("Text" + std::to_string(i + 1)));
  }
}

TEST(KnownPaths, AreSortedAndNotNamedBySchemaOrAliases) {
  EXPECT_TRUE(std::ranges::is_sorted(known_paths()));
  EXPECT_EQ(std::ranges::adjacent_find(known_paths()), known_paths().end());
  EXPECT_TRUE(is_known_path("requestParameters.instanceId"));
  EXPECT_FALSE(is_known_path("requestParameters.instanceIdd"));
  for (const std::string_view path : known_paths()) {
    EXPECT_EQ(find_field(path), nullptr) << path;
    EXPECT_EQ(find_alias(path), nullptr) << path;
  }
}

TEST(NameDistance, WhatWasMeant) {
  NearestNames nearest("bucketname", 2);
  for (const std::string_view name : {"bucket", "requestParameters.bucketName", "user", "x.bucketNames"})
    nearest.offer(name);
  EXPECT_EQ(nearest.names(), (std::vector<std::string>{"requestParameters.bucketName", "x.bucketNames"}));
  EXPECT_EQ(name_distance("User", "user"), 0U);
  EXPECT_LT(name_distance("usre", "user"), name_distance("usre", "used.user"));
  EXPECT_EQ(name_distance("exe", "pid"), std::nullopt);
  EXPECT_EQ(name_distance(std::string(5000, 'a'), std::string(5000, 'a')), std::nullopt);
}

}  // namespace
}  // namespace sightline::query
