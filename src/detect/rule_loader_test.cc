#include "detect/rule_loader.h"

#include <gmock/gmock.h>

#include <fstream>

#include "detect/detect_testing.h"

namespace sightline::detect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::load;
using testing::problem_of;
using testing::rule_yaml;

TEST(RuleLoader, ReadsEveryKey) {
  const auto rules = load({R"(
id: a.rule-1
name: somebody ran something
title: "{{user}} ran {{exe}}"
description: text
severity: 1
filter: type = "start"
suppressions: [exe = "/bin/a", exe = "/bin/b"]
tags: [attack.t1059]
references: [https://example.com/]
false_positives: [none]
enabled: false
tests:
  - {name: n, fires: true, format: auditd, input: x}
)"});
  ASSERT_TRUE(rules->problems().empty()) << to_string(rules->problems().front());
  const Rule* rule = rules->find("a.rule-1");
  ASSERT_NE(rule, nullptr);
  EXPECT_EQ(rule->name, "somebody ran something");
  EXPECT_EQ(rule->title.text(), "{{user}} ran {{exe}}");
  EXPECT_EQ(rule->severity, 1);
  EXPECT_EQ(rule->filter, "type = \"start\"");
  EXPECT_EQ(rule->suppressions.size(), 2U);
  EXPECT_THAT(rule->tags, ElementsAre("attack.t1059"));
  EXPECT_EQ(rule->inactive_reason, "disabled in its file");
  ASSERT_EQ(rule->tests.size(), 1U);
  EXPECT_EQ(rule->tests.front().line, 14U);
  EXPECT_EQ(rule->file, "rules/0.yaml");
  EXPECT_EQ(rules->find("a.rule"), nullptr);
}

TEST(RuleLoader, OneBadRuleDoesNotStopTheOthers) {
  const auto rules = load({rule_yaml("good", "pid = 1") + "---\n" + rule_yaml("bad", "usr = 1") + "---\n" +
                               rule_yaml("also-good", "pid = 2"),
                           "not: [closed", rule_yaml("third", "pid = 3")});
  ASSERT_EQ(rules->rules().size(), 3U);
  EXPECT_EQ(rules->rules()[0].id, "also-good");
  ASSERT_EQ(rules->problems().size(), 2U);
  EXPECT_EQ(rules->problems()[0].rule_id, "bad");
  EXPECT_EQ(rules->problems()[1].file, "rules/1.yaml");
}

TEST(RuleLoader, PointsAtTheMistakeInAFilter) {
  const RuleProblem problem =
      problem_of("id: x\ntitle: t\nseverity: 2\nfilter: >\n  type = \"start\" AND\n  usr = 1\n");
  EXPECT_EQ(problem.line, 6U);
  EXPECT_EQ(problem.column, 3U);
  EXPECT_THAT(problem.message, HasSubstr("usr"));
  EXPECT_THAT(problem.hint, HasSubstr("user"));
  EXPECT_THAT(to_string(problem), HasSubstr("rules/0.yaml:6:3: rule x: "));
}

TEST(RuleLoader, NamesMissingUnknownAndRepeatedKeys) {
  EXPECT_THAT(problem_of("id: x\ntitle: t\nseverity: 1\n").message, HasSubstr("no \"filter\""));
  const RuleProblem unknown = problem_of(rule_yaml("x", "pid = 1", "severty: 1\n"));
  EXPECT_EQ(unknown.line, 5U);
  EXPECT_THAT(unknown.hint, HasSubstr("severity"));
  EXPECT_THAT(problem_of(rule_yaml("x", "pid = 1", "id: y\n")).message, HasSubstr("twice"));
  EXPECT_THAT(problem_of("- a\n").message, HasSubstr("expected a rule"));
  EXPECT_THAT(problem_of("id: X Y\ntitle: t\nseverity: 1\nfilter: pid = 1\n").message, HasSubstr("a-z"));
  EXPECT_THAT(problem_of("id: x\ntitle: t\nseverity: 4\nfilter: pid = 1\n").message, HasSubstr("1 (high)"));
  EXPECT_THAT(problem_of(rule_yaml("x", "pid = 1", "tags: one\n")).message, HasSubstr("list"));
  EXPECT_THAT(problem_of(rule_yaml("x", "pid = 1", "enabled: yes\n")).message, HasSubstr("true or false"));
  EXPECT_THAT(problem_of(rule_yaml("x", "pid = 1", "tests: [{format: auditd, input: x}]\n")).message,
              HasSubstr("no \"fires\""));
  EXPECT_THAT(problem_of(rule_yaml("x", "pid = 1", "suppressions: [pid =]\n")).message, HasSubstr("suppression"));
  EXPECT_THAT(problem_of(rule_yaml("x", "pid = 1", "suppressions: [{filter: pid =}]\n")).message,
              HasSubstr("suppression"));
  EXPECT_THAT(problem_of(rule_yaml("x", "pid = 1", "suppressions: [{reason: r}]\n")).message, HasSubstr("\"filter\""));
  EXPECT_THAT(problem_of(rule_yaml("x", "pid = 1", "suppressions: [{filter: pid = 2, expires: soon}]\n")).message,
              HasSubstr("\"expires\""));
  EXPECT_THAT(problem_of(rule_yaml("x", "pid = 1", "suppressions: [{filter: pid = 2, until: x}]\n")).message,
              HasSubstr("unknown key"));
}

TEST(RuleLoader, RefusesASecondRuleWithTheSameId) {
  const auto rules = load({rule_yaml("x", "pid = 1"), rule_yaml("x", "pid = 2")});
  ASSERT_EQ(rules->rules().size(), 1U);
  EXPECT_EQ(rules->rules().front().filter, "pid = 1");
  ASSERT_EQ(rules->problems().size(), 1U);
  EXPECT_THAT(rules->problems().front().message, HasSubstr("rules/0.yaml:1"));
}

TEST(RuleLoader, RefusesFiltersThatCanNeverMatch) {
  for (const std::string_view filter :
       {R"(event_type = "cloudtrial")", R"(type = "start" AND type = "exit")", R"(pid > 5 AND pid < 3)",
        R"(exe = "/bin/sh" AND exe starts_with "/usr/")", R"(user = null AND user = "root")",
        R"(event_type IN ("audti", "flie"))", R"(event_type = "audit" AND NOT event_type = "audit")",
        R"(pid = 1 AND (pid = 2 OR pid = 3))", R"(type IN ("a", "b") AND NOT (type = "a" OR type = "b"))",
        R"(type = "start" AND type != "start")", R"(event_time > 1600000000000 AND event_time < 1500000000000)"}) {
    EXPECT_THAT(problem_of(rule_yaml("x", "'" + std::string(filter) + "'")).message, HasSubstr("never match"))
        << filter;
  }
}

TEST(RuleLoader, AcceptsFiltersThatOnlyLookContradictory) {
  for (const std::string_view filter :
       {R"(path = "/a" AND path = "/b")", R"(type = "start" OR type = "exit")", R"(pid > 5 OR pid < 3)",
        R"(pid >= 3 AND pid <= 3)", R"(NOT (type = "start" AND type = "exit"))", R"(user = null OR user = "root")",
        R"(event_type = "audit" OR eventName = "GetObject")", R"(event_type = "audit" AND eventName = "GetObject")",
        R"(event_type NOT IN ("audit", "login", "file", "network", "host", "cloudtrail", "kubernetes", "winsec"))",
        R"(event_type starts_with "audti")", R"(ip = "10.0.0.1" AND ip = "10.0.0.2")",
        R"(event_type = "audit" AND eventName = null)", R"(type = "start" AND (type = "exit" OR pid = 1))",
        R"(event_type = "kubernetes" AND userAgent like "kubectl")", R"(event_type != "audit" AND NOT type = "start")",
        R"(type ieq "START" AND type = "start")", R"(pid > 9223372036854775806)",
        R"(event_time >= 1600362961 AND event_time <= 1600362961)"}) {
    const auto rules = load({rule_yaml("x", "'" + std::string(filter) + "'")});
    EXPECT_TRUE(rules->problems().empty()) << filter << ": " << to_string(rules->problems().front());
  }
}

TEST(RuleLoader, KnowsTheKindsOfEventsARuleNeeds) {
  const auto types_of = [](std::string_view filter) {
    const auto rules = load({rule_yaml("x", "'" + std::string(filter) + "'")});
    return rules->rules().front().event_types;
  };
  EXPECT_THAT(types_of(R"(event_type = "login" AND user = "root")"), ElementsAre("login"));
  EXPECT_THAT(types_of(R"(event_type IN ("login", "audit"))"), ElementsAre("audit", "login"));
  EXPECT_THAT(types_of(R"(eventName = "GetObject")"), ElementsAre());
  EXPECT_THAT(types_of(R"(event_type = "file" OR event_type = "kubernetes" AND verb = "get")"),
              ElementsAre("file", "kubernetes"));
  EXPECT_THAT(types_of(R"(user = "root")"), ElementsAre());
  EXPECT_THAT(types_of(R"(userAgent like "kubectl")"), ElementsAre());
  EXPECT_THAT(types_of(R"(event_type = "login" OR user = "root")"), ElementsAre());
  EXPECT_THAT(types_of(R"(NOT event_type = "login")"), ElementsAre());
}

TEST(RuleLoader, AcceptsEventTypesOfTheUsersOwn) {
  LoadOptions options;
  options.event_types = {"threatintel"};
  EXPECT_TRUE(load({rule_yaml("x", R"('event_type = "threatintel"')")}, options)->problems().empty());
}

TEST(RuleLoader, ChecksNamesInTitles) {
  const auto problem_with = [](std::string_view title) {
    return problem_of("id: x\ntitle: \"" + std::string(title) + "\"\nseverity: 1\nfilter: pid = 1\n");
  };
  EXPECT_THAT(problem_with("{{usr}} ran").message, HasSubstr("usr"));
  EXPECT_EQ(problem_with("ok {{usr}} ran").column, 12U);
  EXPECT_THAT(problem_with("{{user ran").message, HasSubstr("}}"));
  EXPECT_THAT(problem_with("{{}}").message, HasSubstr("title"));
  EXPECT_THAT(problem_with(" ").message, HasSubstr("empty"));
}

TEST(RuleLoader, RefusesRelativeTimes) {
  EXPECT_EQ(load({rule_yaml("x", "event_time > now-15m")})->rules().size(), 0U);
}

TEST(RuleLoader, KeepsLimits) {
  const std::string big(kMaxRuleFileBytes + 1, '#');
  EXPECT_THAT(problem_of(big).message, HasSubstr("larger"));
  const std::string long_text(70'000, 'x');
  EXPECT_THAT(problem_of(rule_yaml("x", "pid = 1", "description: " + long_text + "\n")).message, HasSubstr("longer"));
}

class RuleFolder : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_ / "sub" / ".hidden"); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void write(const std::filesystem::path& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  const std::filesystem::path folder_ =
      std::filesystem::path(::testing::TempDir()) /
      ("sightline-rules-" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()) +
       std::to_string(::testing::UnitTest::GetInstance()->random_seed()));
};

TEST_F(RuleFolder, IsReadWithItsSubfoldersButNotHiddenOnes) {
  write("b.yaml", rule_yaml("b", "pid = 1"));
  write("sub/a.yml", rule_yaml("a", "pid = 1"));
  write("sub/.hidden/c.yaml", rule_yaml("c", "pid = 1"));
  write("notes.txt", "no rule");
  const std::filesystem::path paths[] = {folder_};
  const auto rules = load_rule_files(paths, {});
  ASSERT_TRUE(rules) << rules.error().message;
  ASSERT_EQ((*rules)->rules().size(), 2U);
  EXPECT_TRUE((*rules)->problems().empty());
}

TEST_F(RuleFolder, AMissingPathIsAnError) {
  const std::filesystem::path paths[] = {folder_ / "absent"};
  const auto rules = load_rule_files(paths, {});
  ASSERT_FALSE(rules);
  EXPECT_EQ(rules.error().code, ErrorCode::not_found);
}

TEST_F(RuleFolder, AFileThatIsTooLargeIsAProblemOfThatFileAlone) {
  write("big.yaml", std::string(kMaxRuleFileBytes + 10, '#'));
  write("small.yaml", rule_yaml("small", "pid = 1"));
  const std::filesystem::path paths[] = {folder_};
  const auto rules = load_rule_files(paths, {});
  ASSERT_TRUE(rules);
  EXPECT_EQ((*rules)->rules().size(), 1U);
  ASSERT_EQ((*rules)->problems().size(), 1U);
  EXPECT_THAT((*rules)->problems().front().message, HasSubstr("larger"));
}

TEST(RuleLoader, AFingerprintTellsOneTextOfARuleFromAnother) {
  const auto fingerprints = [](std::string yaml) {
    const auto rules = load({std::move(yaml)});
    std::vector<std::string> found;
    for (const Rule& rule : rules->rules()) found.push_back(rule.fingerprint);
    return found;
  };
  const std::string a = rule_yaml("a", "pid = 1");
  const std::string b = rule_yaml("b", "pid = 1");
  const auto alone = fingerprints(a);
  EXPECT_EQ(alone.at(0).size(), 16U);
  EXPECT_NE(fingerprints(rule_yaml("a", "pid = 2")), alone);
  EXPECT_EQ(fingerprints(a + "---\n" + b), (std::vector<std::string>{alone.at(0), fingerprints(b).at(0)}));
}

}  // namespace
}  // namespace sightline::detect
