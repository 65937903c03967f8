// Sigma's language, form by form: each with an event that it holds for and one that it does not, tried through the
// whole way from YAML to a firing.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "detect/compiled_rules.h"
#include "detect/detect_testing.h"
#include "sources/formats/formats.h"

namespace sightline::detect {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::load;

const sigma::Mapping& test_mapping() {
  static const sigma::Mapping kMapping = [] {
    sigma::Mapping mapping;
    const auto added = mapping.add(R"(
logsources: [{category: test}]
events: event_type = "host"
fields:
  Renamed: user
  Either: [user, target_user]
  Named: {field: type, values: {"on": start}}
missing: [Nowhere]
---
logsources: [{category: closed}]
events: event_type = "host"
fields: {Image: exe}
others: none
keywords: false
)");
    EXPECT_TRUE(added.has_value()) << added.error().message;
    return mapping;
  }();
  return kMapping;
}

const LoadOptions& options() {
  static const LoadOptions kOptions{
      .sigma_mapping = &test_mapping(),
      .placeholders = {{"Admins", {"root", "adm_*"}}, {"Empty", {}}},
  };
  return kOptions;
}

// Two blanks before each line of `detection`.
std::string sigma_rule(std::string_view detection, std::string_view category = "test", std::string_view more = {}) {
  std::string yaml = fmt::format("title: T\nid: r\nlogsource: {{category: {}}}\n{}detection:\n", category, more);
  for (std::size_t at = 0; at < detection.size();) {
    const std::size_t end = std::min(detection.find('\n', at), detection.size());
    yaml.append("  ").append(detection.substr(at, end - at)).append("\n");
    at = end + 1;
  }
  return yaml;
}

bool matches(const RuleSet& rules, std::string_view json) {
  const auto decoder = sources::make_decoder(sources::Format::ndjson, {});
  sources::Decoded decoded;
  decoder->write(std::string(json) + "\n", decoded);
  decoder->finish(decoded);
  EXPECT_EQ(decoded.events.size(), 1U) << json;
  return rules.compiled().compiled.at(0).fires(decoded.events.events().at(0));
}

struct Case {
  std::string_view what;
  std::string_view detection;
  std::vector<std::string_view> matching;
  std::vector<std::string_view> others;
};

void expect(const Case& test) {
  SCOPED_TRACE(test.what);
  const auto rules = load({sigma_rule(test.detection)}, options());
  ASSERT_THAT(rules->problems(), IsEmpty()) << to_string(rules->problems().front());
  ASSERT_EQ(rules->rules().at(0).inactive_reason, "");
  for (const std::string_view json : test.matching) EXPECT_TRUE(matches(*rules, json)) << json;
  for (const std::string_view json : test.others) EXPECT_FALSE(matches(*rules, json)) << json;
}

TEST(SigmaLanguage, Values) {
  const std::vector<Case> cases{
      {"text, whatever its case", "s: {F: Alice}\ncondition: s", {R"({"F":"aLICE"})"}, {R"({"F":"Alice2"})", "{}"}},
      {"a number", "s: {F: 42}\ncondition: s", {R"({"F":42})", R"({"F":"42"})"}, {R"({"F":420})"}},
      {"a number in quotes", "s: {F: '42'}\ncondition: s", {R"({"F":42})"}, {R"({"F":43})"}},
      {"a list is any of it", "s: {F: [a, b]}\ncondition: s", {R"({"F":"b"})"}, {R"({"F":"c"})"}},
      {"a mapping is all of it", "s: {F: a, G: b}\ncondition: s", {R"({"F":"a","G":"b"})"}, {R"({"F":"a"})"}},
      {"null is absent", "s: {F: null}\ncondition: s", {"{}", R"({"F":null})"}, {R"({"F":""})", R"({"F":"x"})"}},
      {"empty is a value", "s: {F: ''}\ncondition: s", {R"({"F":""})"}, {"{}", R"({"F":"x"})"}},
      {"null among others", "s: {F: [null, a]}\ncondition: s", {"{}", R"({"F":"a"})"}, {R"({"F":"b"})"}},
      {"a list field", "s: {F: b}\ncondition: s", {R"({"F":["a","b"]})"}, {R"({"F":["a","c"]})"}},
      {"true and false", "s: {success: false}\ncondition: s", {R"({"success":false})"}, {R"({"success":true})"}},
      {"a field of the schema", "s: {Renamed: bob}\ncondition: s", {R"({"user":"BOB"})"}, {R"({"Renamed":"bob"})"}},
      {"a field with two names",
       "s: {Either: bob}\ncondition: s",
       {R"({"user":"bob"})", R"({"target_user":"bob"})"},
       {R"({"user":"al"})"}},
      {"two names are null together",
       "s: {Either: null}\ncondition: s",
       {"{}"},
       {R"({"user":"a"})", R"({"target_user":"a"})"}},
      {"a value with another name", "s: {Named: 'On'}\ncondition: s", {R"({"type":"start"})"}, {R"({"type":"on"})"}},
      {"an integer field", "s: {pid: '7'}\ncondition: s", {R"({"pid":7})"}, {R"({"pid":8})"}},
      {"only events of the log source",
       "s: {F: a}\ncondition: s",
       {R"({"F":"a"})"},
       {R"({"F":"a","event_type":"audit"})"}},
  };
  for (const Case& each : cases) expect(each);
}

TEST(SigmaLanguage, WildcardsAndEscapes) {
  const std::vector<Case> cases{
      {"at the end", "s: {F: 'ab*'}\ncondition: s", {R"({"F":"AB"})", R"({"F":"abc"})"}, {R"({"F":"xab"})"}},
      {"at the start", "s: {F: '*ab'}\ncondition: s", {R"({"F":"xab"})"}, {R"({"F":"abx"})"}},
      {"at both ends", "s: {F: '*ab*'}\ncondition: s", {R"({"F":"xaby"})"}, {R"({"F":"ba"})"}},
      {"within", "s: {F: 'a*b*c'}\ncondition: s", {R"({"F":"a--b--C"})"}, {R"({"F":"acb"})", R"({"F":"abcd"})"}},
      {"one character",
       "s: {F: 'a?c'}\ncondition: s",
       {R"({"F":"aBc"})", R"({"F":"aéc"})"},
       {R"({"F":"ac"})", R"({"F":"abbc"})"}},
      {"one and any", "s: {F: '?:\\x*'}\ncondition: s", {R"({"F":"C:\\xyz"})"}, {R"({"F":":\\xyz"})"}},
      {"anything that is there", "s: {F: '*'}\ncondition: s", {R"({"F":""})", R"({"F":1})"}, {"{}"}},
      {"an escaped asterisk", "s: {F: 'a\\*'}\ncondition: s", {R"({"F":"a*"})"}, {R"({"F":"ab"})"}},
      {"an escaped question mark", "s: {F: 'a\\?'}\ncondition: s", {R"({"F":"a?"})"}, {R"({"F":"ab"})"}},
      {"a plain backslash", "s: {F: 'a\\b'}\ncondition: s", {R"({"F":"a\\b"})"}, {R"({"F":"ab"})"}},
      {"a doubled backslash", "s: {F: 'a\\\\b'}\ncondition: s", {R"({"F":"a\\b"})"}, {R"({"F":"a\\\\b"})"}},
      {"a backslash before a wildcard", "s: {F: 'a\\\\*'}\ncondition: s", {R"({"F":"a\\z"})"}, {R"({"F":"a*"})"}},
      {"backslash and asterisk", "s: {F: 'a\\\\\\*'}\ncondition: s", {R"({"F":"a\\*"})"}, {R"({"F":"a\\z"})"}},
      {"four backslashes are two", "s: {F: 'a\\\\\\\\b'}\ncondition: s", {R"({"F":"a\\\\b"})"}, {R"({"F":"a\\b"})"}},
      {"signs of other languages mean nothing",
       "s: {F|contains: '(a+[b].c|%$'}\ncondition: s",
       {R"({"F":"x(a+[b].c|%$x"})"},
       {R"({"F":"aa"})"}},
      {"and nothing beside one character", "s: {F: '(a+.?'}\ncondition: s", {R"({"F":"(a+.x"})"}, {R"({"F":"aabx"})"}},
  };
  for (const Case& each : cases) expect(each);
}

TEST(SigmaLanguage, ModifiersThatCompare) {
  const std::vector<Case> cases{
      {"contains", "s: {F|contains: b}\ncondition: s", {R"({"F":"aBc"})"}, {R"({"F":"ac"})", "{}"}},
      {"startswith", "s: {F|startswith: ab}\ncondition: s", {R"({"F":"ABc"})"}, {R"({"F":"cab"})"}},
      {"endswith", "s: {F|endswith: '\\x.exe'}\ncondition: s", {R"({"F":"C:\\X.EXE"})"}, {R"({"F":"C:\\ax.exe"})"}},
      {"all", "s:\n  F|contains|all: [a, b]\ncondition: s", {R"({"F":"b-a"})"}, {R"({"F":"b"})"}},
      {"any without all", "s:\n  F|contains: [a, b]\ncondition: s", {R"({"F":"b"})"}, {R"({"F":"c"})"}},
      {"exists", "s: {F|exists: true}\ncondition: s", {R"({"F":""})"}, {"{}"}},
      {"exists not", "s: {F|exists: false}\ncondition: s", {"{}"}, {R"({"F":""})"}},
      {"cased", "s: {F|cased: Ab}\ncondition: s", {R"({"F":"Ab"})"}, {R"({"F":"ab"})"}},
      {"contains cased", "s: {F|contains|cased: Ab}\ncondition: s", {R"({"F":"xAbx"})"}, {R"({"F":"xabx"})"}},
      {"one character cased", "s: {F|cased: 'A?'}\ncondition: s", {R"({"F":"Ab"})"}, {R"({"F":"ab"})"}},
      {"neq", "s: {F|neq: a}\ncondition: s", {R"({"F":"b"})", "{}"}, {R"({"F":"A"})"}},
      {"neq of several", "s:\n  F|neq: [a, b]\ncondition: s", {R"({"F":"c"})"}, {R"({"F":"b"})"}},
      {"neq of numbers", "s: {pid|neq: 5}\ncondition: s", {R"({"pid":6})"}, {R"({"pid":5})"}},
      {"lt", "s: {F|lt: 10}\ncondition: s", {R"({"F":9.5})"}, {R"({"F":10})", R"({"F":"9"})", "{}"}},
      {"lte", "s: {F|lte: 10}\ncondition: s", {R"({"F":10})"}, {R"({"F":11})"}},
      {"gt", "s: {pid|gt: 10}\ncondition: s", {R"({"pid":11})"}, {R"({"pid":10})"}},
      {"gte", "s: {pid|gte: 10}\ncondition: s", {R"({"pid":10})"}, {R"({"pid":9})"}},
      {"cidr",
       "s: {F|cidr: 10.0.0.0/8}\ncondition: s",
       {R"({"F":"10.9.8.7"})"},
       {R"({"F":"11.0.0.1"})", R"({"F":"x"})"}},
      {"cidr of IPv6", "s: {F|cidr: 'fe80::/10'}\ncondition: s", {R"({"F":"fe80::1"})"}, {R"({"F":"2001:db8::1"})"}},
      {"several cidr",
       "s:\n  F|cidr: [10.0.0.0/8, 192.168.0.0/16]\ncondition: s",
       {R"({"F":"192.168.3.4"})"},
       {R"({"F":"8.8.8.8"})"}},
      {"re", "s: {F|re: '^a[0-9]{2,3}$'}\ncondition: s", {R"({"F":"a12"})"}, {R"({"F":"A12"})", R"({"F":"a1"})"}},
      {"re anywhere", "s: {F|re: 'b.d'}\ncondition: s", {R"({"F":"abcde"})"}, {R"({"F":"ab\nde"})"}},
      {"re i", "s: {F|re|i: '^ab'}\ncondition: s", {R"({"F":"ABc"})"}, {R"({"F":"cab"})"}},
      {"re m", "s: {F|re|m: '^b$'}\ncondition: s", {R"({"F":"a\nb\nc"})"}, {R"({"F":"a\nbb"})"}},
      {"re without m", "s: {F|re: '^b$'}\ncondition: s", {R"({"F":"b"})"}, {R"({"F":"a\nb\nc"})"}},
      {"re s", "s: {F|re|s: 'a.b'}\ncondition: s", {R"({"F":"a\nb"})"}, {R"({"F":"ab"})"}},
      {"re keeps backslashes",
       R"(s: {F|re: 'a\\\*\d'})"
       "\ncondition: s",
       {R"({"F":"a\\*7"})"},
       {R"({"F":"a*7"})"}},
      {"re alternatives", "s: {F|re: '(foo|bar)+'}\ncondition: s", {R"({"F":"xbar"})"}, {R"({"F":"baz"})"}},
  };
  for (const Case& each : cases) expect(each);
}

TEST(SigmaLanguage, References) {
  const std::vector<Case> cases{
      {"fieldref",
       "s: {F|fieldref: G}\ncondition: s",
       {R"({"F":"a","G":"A"})"},
       {R"({"F":"a","G":"b"})", R"({"F":"G"})"}},
      {"fieldref of the schema",
       "s: {F|fieldref: Renamed}\ncondition: s",
       {R"({"F":"a","user":"a"})"},
       {R"({"F":"a","Renamed":"a"})"}},
      {"fieldref cased", "s: {F|fieldref|cased: G}\ncondition: s", {R"({"F":"a","G":"a"})"}, {R"({"F":"a","G":"A"})"}},
      {"fieldref neq",
       "s: {F|fieldref|neq: G}\ncondition: s",
       {R"({"F":"a","G":"b"})", "{}"},
       {R"({"F":"a","G":"A"})"}},
      {"fieldref endswith",
       "s: {F|fieldref|endswith: G}\ncondition: s",
       {R"({"F":"/bin/SH","G":"sh"})"},
       {R"({"F":"/bin/sh","G":"bin"})"}},
      {"fieldref startswith",
       "s: {F|startswith|fieldref: G}\ncondition: s",
       {R"({"F":"/bin/sh","G":"/bin"})"},
       {R"({"F":"/bin/sh","G":"sh"})"}},
      {"fieldref contains",
       "s: {F|contains|fieldref: G}\ncondition: s",
       {R"({"F":"/bin/sh","G":"in/"})"},
       {R"({"F":"/bin/sh","G":"x"})"}},
      {"fieldref gt", "s: {pid|gt|fieldref: ppid}\ncondition: s", {R"({"pid":3,"ppid":2})"}, {R"({"pid":2,"ppid":2})"}},
      {"any of several fieldrefs",
       "s:\n  F|fieldref: [G, H]\ncondition: s",
       {R"({"F":"a","H":"a"})"},
       {R"({"F":"a","H":"b"})"}},
  };
  for (const Case& each : cases) expect(each);
}

TEST(SigmaLanguage, ModifiersThatMakeOtherValues) {
  const std::vector<Case> cases{
      {"base64", "s: {F|base64: hello}\ncondition: s", {R"({"F":"aGVsbG8="})"}, {R"({"F":"hello"})"}},
      {"base64 within",
       "s: {F|base64|contains: hello}\ncondition: s",
       {R"({"F":"x aGVsbG8= y"})"},
       {R"({"F":"hello"})"}},
      {"base64offset",
       "s: {F|base64offset|contains: hello}\ncondition: s",
       {R"({"F":"aGVsbG8h"})", R"({"F":"IWhlbGxvIQ=="})", R"({"F":"ISFoZWxsbyE="})"},
       {R"({"F":"aGVsbA=="})", R"({"F":"hello"})"}},
      {"utf16le", "s: {F|utf16le|base64: ab}\ncondition: s", {R"({"F":"YQBiAA=="})"}, {R"({"F":"YWI="})"}},
      {"wide", "s: {F|wide|base64: ab}\ncondition: s", {R"({"F":"YQBiAA=="})"}, {R"({"F":"AGEAYg=="})"}},
      {"utf16be", "s: {F|utf16be|base64: ab}\ncondition: s", {R"({"F":"AGEAYg=="})"}, {R"({"F":"YQBiAA=="})"}},
      {"utf16", "s: {F|utf16|base64: ab}\ncondition: s", {R"({"F":"//5hAGIA"})"}, {R"({"F":"YQBiAA=="})"}},
      {"beyond the basic plane",
       "s: {F|wide|base64: '\U0001F600'}\ncondition: s",
       {R"({"F":"PdgA3g=="})"},
       {R"({"F":"AD0A3g=="})"}},
      {"windash",
       "s: {F|contains|windash: ' -enc '}\ncondition: s",
       {R"({"F":"p -enc x"})", R"({"F":"p /ENC x"})", R"({"F":"p –enc x"})", R"({"F":"p —enc x"})",
        R"({"F":"p ―enc x"})"},
       {R"({"F":"p +enc x"})", R"({"F":"p enc x"})"}},
      {"windash before contains",
       "s: {F|windash|contains: ' /enc '}\ncondition: s",
       {R"({"F":"p -enc x"})"},
       {R"({"F":"p enc x"})"}},
      {"windash leaves dashes within words",
       "s: {F|windash: '-a-b'}\ncondition: s",
       {R"({"F":"/a-b"})"},
       {R"({"F":"/a/b"})"}},
      {"windash of several flags",
       "s: {F|windash: '-a /b'}\ncondition: s",
       {R"({"F":"/a -b"})", R"({"F":"–a ―b"})"},
       {R"({"F":"a b"})"}},
      {"expand",
       "s: {F|expand: '%Admins%'}\ncondition: s",
       {R"({"F":"root"})", R"({"F":"adm_x"})"},
       {R"({"F":"%Admins%"})", R"({"F":"x"})"}},
      {"expand within",
       "s: {F|contains|expand: 'u=%Admins%;'}\ncondition: s",
       {R"({"F":"x u=root; y"})"},
       {R"({"F":"u=bob;"})"}},
      {"no placeholder without expand",
       "s: {F: '%Admins%'}\ncondition: s",
       {R"({"F":"%admins%"})"},
       {R"({"F":"root"})"}},
      {"an escaped percent sign",
       R"(s: {F|expand: '\%Admins%'})"
       "\ncondition: s",
       {R"({"F":"%Admins%"})"},
       {R"({"F":"root"})"}},
  };
  for (const Case& each : cases) expect(each);
}

TEST(SigmaLanguage, Keywords) {
  const std::vector<Case> cases{
      {"any of them, anywhere",
       "k: [evil, bad thing]\ncondition: k",
       {R"({"x":{"y":"an EVIL plan"}})", R"({"log":"a bad thing"})"},
       {R"({"log":"bad"})"}},
      {"all of them", "k:\n  '|all': [evil, plan]\ncondition: k", {R"({"a":"evil","b":"plan"})"}, {R"({"a":"evil"})"}},
      {"a lone one", "k: evil\ncondition: k", {R"({"log":"evil"})"}, {R"({"log":"good"})"}},
      {"wildcards at its ends", "k: ['*evil*']\ncondition: k", {R"({"log":"an evil plan"})"}, {R"({"log":"*"})"}},
      {"a number", "k: [4711]\ncondition: k", {R"({"log":"port 4711"})"}, {R"({"log":"port 471"})"}},
      {"beside a selection",
       "k: [evil]\ns: {F: a}\ncondition: s and k",
       {R"({"F":"a","log":"evil"})"},
       {R"({"F":"a"})", R"({"log":"evil"})"}},
      {"among mappings", "k: [evil, {F: a}]\ncondition: k", {R"({"log":"evil"})", R"({"F":"a"})"}, {R"({"F":"b"})"}},
  };
  for (const Case& each : cases) expect(each);
}

TEST(SigmaLanguage, Conditions) {
  constexpr std::string_view kThree = "sa: {A: 1}\nsb: {B: 1}\nfc: {C: 1}\n_d: {D: 1}\n";
  const auto with = [&](std::string_view condition) { return fmt::format("{}condition: {}", kThree, condition); };
  struct Form {
    std::string_view condition;
    std::vector<std::string_view> matching;
    std::vector<std::string_view> others;
  };
  constexpr std::string_view kA = R"({"A":1})";
  constexpr std::string_view kB = R"({"B":1})";
  constexpr std::string_view kC = R"({"C":1})";
  constexpr std::string_view kD = R"({"D":1})";
  constexpr std::string_view kAb = R"({"A":1,"B":1})";
  constexpr std::string_view kAc = R"({"A":1,"C":1})";
  constexpr std::string_view kAbc = R"({"A":1,"B":1,"C":1})";
  const std::vector<Form> forms{
      {"sa and sb", {kAb}, {kA, kB}},
      {"sa or sb", {kA, kB}, {kC}},
      {"not sa", {kB}, {kA}},
      {"sa and not fc", {kA}, {kAc}},
      {"not not sa", {kA}, {kB}},
      {"1 of s*", {kA, kB}, {kC}},
      {"any of s*", {kB}, {kC}},
      {"all of s*", {kAb}, {kA}},
      {"1 of them", {kC}, {kD, "{}"}},
      {"all of them", {kAbc}, {kAb}},
      {"1 of *b", {kB}, {kA}},
      {"1 of s* and not 1 of f*", {kA}, {kAc, kC}},
      {"all of s* and not all of f*", {kAb}, {kAbc}},
      {"_d", {kD}, {kA}},
      {"sa or sb and fc", {kA, kAbc}, {kB, kC}},  // and binds closer than or
      {"(sa or sb) and fc", {kAc}, {kA}},         // brackets closest
      {"not sa or fc", {kB, kAc}, {kA}},          // not closer than or
      {"not sa and sb", {kB}, {kAb, kA}},         // and closer than and
      {"not (sa and sb)", {kA}, {kAb}},
      {"not 1 of s*", {kC}, {kA}},
      {"sa AND NOT fc", {kA}, {kAc}},
      {"[sa, sb]", {kA, kB}, {kC}},
      {"\"(((sa)))\"", {kA}, {kB}},
  };
  for (const Form& form : forms) {
    const std::string detection = with(form.condition);
    expect({form.condition, detection, form.matching, form.others});
  }
}

TEST(SigmaLanguage, FiltersAreAddedToTheRulesTheyName) {
  const auto filter = [](std::string_view body, std::string_view source = "{category: test}") {
    return fmt::format("title: F\nlogsource: {}\nfilter:\n{}", source, body);
  };
  const std::string rule = sigma_rule("s: {F: a}\ncondition: s", "test", "name: by_name\n");
  struct Form {
    std::string what;
    std::string filter;
    bool admin;  // whether the rule still fires for each
    bool other;
  };
  constexpr std::string_view kNot = "  selection: {user|startswith: adm_}\n  condition: not selection\n";
  const std::vector<Form> forms{
      {"by id", filter(fmt::format("  rules: [r]\n{}", kNot)), false, true},
      {"by name", filter(fmt::format("  rules: [by_name]\n{}", kNot)), false, true},
      {"any rule", filter(fmt::format("  rules: any\n{}", kNot)), false, true},
      {"another rule", filter(fmt::format("  rules: [q]\n{}", kNot)), true, true},
      {"another log source", filter(fmt::format("  rules: [r]\n{}", kNot), "{category: other}"), true, true},
      {"more of a log source than the rule has",
       filter(fmt::format("  rules: [r]\n{}", kNot), "{category: test, product: x}"), true, true},
      {"a condition that keeps", filter("  rules: [r]\n  selection: {user|startswith: adm_}\n  condition: selection\n"),
       true, false},
  };
  for (const Form& form : forms) {
    SCOPED_TRACE(form.what);
    const auto rules = load({form.filter, rule}, options());
    ASSERT_THAT(rules->problems(), IsEmpty()) << to_string(rules->problems().front());
    ASSERT_EQ(rules->rules().size(), 1U);
    EXPECT_EQ(matches(*rules, R"({"F":"a","user":"adm_x"})"), form.admin);
    EXPECT_EQ(matches(*rules, R"({"F":"a","user":"bob"})"), form.other);
    EXPECT_FALSE(matches(*rules, R"({"F":"b","user":"bob"})"));
  }
}

TEST(SigmaLanguage, WhatHasNoSourceIsInactiveWithTheReason) {
  const auto reason = [](std::string yaml) {
    const auto rules = load({std::move(yaml)}, options());
    return rules->rules().empty() ? "refused: " + to_string(rules->problems().front())
                                  : rules->rules().front().inactive_reason;
  };
  EXPECT_THAT(reason(sigma_rule("s: {F: a}\ncondition: s", "weather")), HasSubstr("category weather"));
  EXPECT_THAT(reason(sigma_rule("s: {Nowhere: a}\ncondition: s")), HasSubstr("\"Nowhere\""));
  EXPECT_THAT(reason(sigma_rule("s: {Other: a}\ncondition: s", "closed")), HasSubstr("\"Other\""));
  EXPECT_EQ(reason(sigma_rule("s: {Image: a}\ncondition: s", "closed")), "");
  EXPECT_THAT(reason(sigma_rule("s: {F: a}\ncondition: s", "test", "status: unsupported\n")), HasSubstr("unsupported"));
  // A mistake is told, whether or not there is a source.
  EXPECT_THAT(reason(sigma_rule("s: {F|odd: a}\ncondition: s", "weather")), HasSubstr("refused"));
}

TEST(SigmaLanguage, MistakesAreToldWithTheirPlace) {
  struct Mistake {
    std::string_view detection;
    std::size_t line;  // 1: the title
    std::string_view message;
  };
  const std::vector<Mistake> mistakes{
      {"s: {F|contain: a}\ncondition: s", 5, "unknown modifier \"contain\""},
      {"s: {F|contains|contains: a}\ncondition: s", 5, "stands twice"},
      {"s: {F|contains|startswith: a}\ncondition: s", 5, "cannot stand together"},
      {"s: {F|i: a}\ncondition: s", 5, "flags of \"re\""},
      {"s: {F|re: '('}\ncondition: s", 5, "missing"},
      {"s: {F|re: '(?=a)'}\ncondition: s", 5, "RE2"},
      {"s: {F|cidr: 10.0.0.0/40}\ncondition: s", 5, "is not a network"},
      {"s: {F|gt: many}\ncondition: s", 5, "among numbers"},
      {"s: {F|exists: maybe}\ncondition: s", 5, "true or false"},
      {"s: {pid: x}\ncondition: s", 5, "integer field"},
      {"s: {F|contains: null}\ncondition: s", 5, "null has no part"},
      {"s: {F|contains|base64: a}\ncondition: s", 5, "wildcards"},
      {"s: {F|expand: '%Unknown%'}\ncondition: s", 5, "%Unknown%"},
      {"s: {F: {G: a}}\ncondition: s", 5, "a mapping"},
      {"s: {F: []}\ncondition: s", 5, "no values"},
      {"s: {}\ncondition: s", 5, "without fields"},
      {"s: []\ncondition: s", 5, "without content"},
      {"s: ['']\ncondition: s", 5, "empty"},
      {"s: {F: a}\ncondition: t", 6, "no search identifier \"t\""},
      {"s: {F: a}\ncondition: S", 6, "no search identifier \"S\""},
      {"s: {F: a}\ncondition: s and", 6, "unexpected the end"},
      {"s: {F: a}\ncondition: s s", 6, "expected \"and\" or \"or\""},
      {"s: {F: a}\ncondition: (s", 6, "expected \")\""},
      {"s: {F: a}\ncondition: 2 of s*", 6, "expected 1, any, or all"},
      {"s: {F: a}\ncondition: 1 of t*", 6, "fits \"t*\""},
      {"s: {F: a}\ncondition: s | count() > 5", 6, "no longer part of Sigma"},
      {"s: {F: a}\ntimeframe: 5m\ncondition: s", 6, "timeframe"},
      {"s: {F: a}", 5, "no \"condition\""},
      {"s: {F: a}\ns: {F: b}\ncondition: s", 6, "stands twice"},
  };
  for (const Mistake& mistake : mistakes) {
    SCOPED_TRACE(mistake.detection);
    const auto rules = load({sigma_rule(mistake.detection)}, options());
    ASSERT_EQ(rules->problems().size(), 1U);
    EXPECT_THAT(to_string(rules->problems().front()), HasSubstr(mistake.message));
    EXPECT_EQ(rules->problems().front().line, mistake.line);
    EXPECT_TRUE(rules->rules().empty());
  }
}

TEST(SigmaLanguage, WhatIsBoundedIsRefusedBeyond) {
  const auto problem = [](const std::string& detection) {
    const auto rules = load({sigma_rule(detection)}, options());
    return rules->problems().empty() ? std::string() : to_string(rules->problems().front());
  };
  std::string deep = "s: {F: a}\ncondition: ";
  EXPECT_THAT(problem(deep + std::string(1'000, '(') + "s" + std::string(1'000, ')')), HasSubstr("levels deep"));
  std::string nots = deep;
  for (int i = 0; i < 1'000; ++i) nots += "not ";
  EXPECT_THAT(problem(nots + "s"), HasSubstr("levels deep"));
  std::string flags = "s: {F|windash: '";
  for (int i = 0; i < 9; ++i) flags += "-a ";
  EXPECT_THAT(problem(flags + "'}\ncondition: s"), HasSubstr("spellings"));
  // What is named again counts again.
  std::string many = "s:\n  F: [";
  for (int i = 0; i < 4'000; ++i) many += fmt::format("{}v{}", i == 0 ? "" : ",", i);
  EXPECT_EQ(problem(many + "]\ncondition: s"), "");
  EXPECT_THAT(problem(many + "]\ncondition: s or s or s or s or s or s"), HasSubstr("more than"));
}

}  // namespace
}  // namespace sightline::detect
