// The rules in rules/, through the real decoders.
#include <gmock/gmock.h>

#include <filesystem>

#include "detect/lint.h"
#include "detect/offline.h"
#include "detect/rule_loader.h"
#include "sources/formats/formats.h"

namespace sightline::detect {
namespace {

std::shared_ptr<const RuleSet> shipped_rules() {
  const std::filesystem::path paths[] = {std::filesystem::path(SIGHTLINE_SOURCE_DIR) / "rules"};
  const auto rules = load_rule_files(paths, {});
  EXPECT_TRUE(rules) << rules.error().message;
  return rules ? *rules : std::make_shared<const RuleSet>();
}

Result<std::unique_ptr<sources::Decoder>> make_decoder(std::string_view format) {
  const auto known = sources::parse_format(format);
  if (!known) return fail(ErrorCode::invalid_input, "no such format: " + std::string(format));
  return sources::make_decoder(*known, {});
}

sources::Decoded decode(const RuleTest& test) {
  sources::Decoded decoded;
  const auto decoder = make_decoder(test.format);
  EXPECT_TRUE(decoder) << decoder.error().message;
  (*decoder)->write(test.input, decoded);
  (*decoder)->finish(decoded);
  return decoded;
}

TEST(ShippedRules, AllLoad) {
  const auto rules = shipped_rules();
  for (const RuleProblem& problem : rules->problems()) ADD_FAILURE() << to_string(problem);
  EXPECT_GE(rules->rules().size(), 100U);
}

TEST(ShippedRules, PassTheirOwnTests) {
  const auto rules = shipped_rules();
  for (const RuleTestOutcome& outcome : run_rule_tests(*rules, make_decoder)) {
    EXPECT_TRUE(outcome.passed) << outcome.rule->id << ", \"" << outcome.test->name << "\": " << outcome.detail;
  }
}

TEST(ShippedRules, SayWhatTheyAreAboutAndWhatToDo) {
  const auto rules = shipped_rules();
  for (const Rule& rule : rules->rules()) {
    EXPECT_FALSE(rule.description.empty() || rule.response.empty()) << rule.id;
    EXPECT_FALSE(rule.references.empty() || rule.false_positives.empty() || rule.compliance.empty()) << rule.id;
    for (const Suppression& suppression : rule.suppressions) {
      EXPECT_FALSE(suppression.reason.empty()) << rule.id << ": " << suppression.filter;
      EXPECT_THAT(suppression.filter, ::testing::Not(::testing::ContainsRegex("(^|[( ])(p?pid|agent_id|event_time) ")))
          << rule.id;
    }
  }
}

TEST(ShippedRules, RaiseNoDoubts) {
  const auto rules = shipped_rules();
  for (const Doubt& doubt : find_doubts(*rules)) ADD_FAILURE() << doubt.rule->id << ": " << doubt.message;
}

TEST(ShippedRules, EachHasAFiringEventAndANearMiss) {
  const auto rules = shipped_rules();  // kept: a range-for does not keep the temporary behind ->
  for (const Rule& rule : rules->rules()) {
    EXPECT_GE(std::ranges::count(rule.tests, true, &RuleTest::fires), 1) << rule.id;
    EXPECT_GE(std::ranges::count(rule.tests, false, &RuleTest::fires), 1) << rule.id;
  }
}

TEST(ShippedRules, AFiringEventFiresExactlyItsRule) {
  const auto rules = shipped_rules();
  const Detector detector(rules);
  for (const Rule& rule : rules->rules()) {
    for (const RuleTest& test : rule.tests) {
      const sources::Decoded decoded = decode(test);
      std::vector<std::string> fired;
      for (const Firing& firing : detector.detect(decoded.events, 0).firings) fired.push_back(firing.rule->id);
      if (test.fires) {
        EXPECT_THAT(fired, ::testing::ElementsAre(rule.id)) << rule.id << ", " << test.name;
      } else {
        EXPECT_THAT(fired, ::testing::IsEmpty()) << rule.id << ", " << test.name;
      }
    }
  }
}

TEST(ShippedRules, TitlesOfFiringEventsLackNothingThatTheEventsCarry) {
  const auto rules = shipped_rules();
  const Detector detector(rules);
  for (const Rule& rule : rules->rules()) {
    for (const RuleTest& test : rule.tests) {
      const sources::Decoded decoded = decode(test);
      for (const Firing& firing : detector.detect(decoded.events, 0).firings) {
        const std::string title = firing.rule->title.render(decoded.events.events()[firing.event_indices.front()]);
        EXPECT_THAT(title, ::testing::Not(::testing::HasSubstr("{{"))) << title;
        EXPECT_THAT(title, ::testing::Not(::testing::HasSubstr("(no "))) << title;
      }
    }
  }
}

TEST(Offline, RunsRulesOverAStreamInPortions) {
  const auto rules = shipped_rules();
  const Rule* rule = rules->find("ec2-metadata-service");
  ASSERT_NE(rule, nullptr);
  std::string input;
  for (int i = 0; i < 3000; ++i) {  // serial numbers differ, so that each is an event of its own
    for (const RuleTest& test : rule->tests) {
      std::string lines = test.input;
      const std::string number = std::to_string(i);
      for (std::size_t at = lines.find("):"); at != std::string::npos; at = lines.find("):", at + number.size() + 2)) {
        lines.insert(at, number);
      }
      input += lines;
    }
  }
  std::istringstream stream(input);
  const auto decoder = make_decoder("auditd");
  ASSERT_TRUE(decoder);
  std::vector<std::string> lines;
  const auto statistics = detect_stream(
      stream, "x.log", **decoder, Detector(rules), 0, [](std::string_view) { return std::vector<std::string>(); },
      [&](std::string_view line) { lines.emplace_back(line); });
  ASSERT_TRUE(statistics) << statistics.error().message;
  EXPECT_EQ(statistics->events, 9000U);
  EXPECT_EQ(statistics->matches, 3000U);
  EXPECT_EQ(statistics->bytes, input.size());
  EXPECT_EQ(statistics->rejected, 0U);
  ASSERT_EQ(lines.size(), 3000U);
  EXPECT_THAT(lines.front(),
              ::testing::StartsWith(R"({"rule_id":"ec2-metadata-service","title":"EC2 instance metadata)"));
  EXPECT_THAT(lines.back(), ::testing::HasSubstr(R"("severity":1,"event_index":)"));
  EXPECT_THAT(to_json(*statistics), ::testing::HasSubstr(R"("rules":{"ec2-metadata-service":3000}})"));
}

TEST(Offline, ARuleTestThatShowsNothingFails) {
  const std::vector<RuleText> texts{{"r.yaml", R"(
id: x
title: t
severity: 3
filter: type = "start"
tests:
  - {name: unknown format, fires: false, format: nonsense, input: x}
  - {name: empty, fires: false, format: auditd, input: ""}
  - {name: not decodable, fires: false, format: auditd, input: "no audit line"}
  - {name: wrong, fires: true, format: ndjson, input: '{"event_type":"host","event_time":1600362902289}'}
  - {name: right, fires: true, format: ndjson, input: '{"type":"start","event_time":1600362902289}'}
)"}};
  const auto rules = load_rules(texts, {});
  ASSERT_TRUE(rules->problems().empty()) << to_string(rules->problems().front());
  const auto outcomes = run_rule_tests(*rules, make_decoder);
  ASSERT_EQ(outcomes.size(), 5U);
  for (const RuleTestOutcome& outcome : outcomes) {
    EXPECT_EQ(outcome.passed, outcome.test->name == "right") << outcome.test->name << ": " << outcome.detail;
    EXPECT_EQ(outcome.detail.empty(), outcome.passed);
  }
}

}  // namespace
}  // namespace sightline::detect
