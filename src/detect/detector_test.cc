#include "detect/detector.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <thread>

#include "detect/active_rules.h"
#include "detect/compiled_rules.h"
#include "detect/detect_testing.h"

namespace sightline::detect {
namespace {

using testing::load;
using testing::rule_yaml;

Event& add_event(EventBatch& batch, std::string_view type, std::string_view exe, std::int64_t pid) {
  Event& event = batch.add();
  event.add_text(FieldId::type, type);
  event.add_text(FieldId::exe, exe);
  event.add_integer(FieldId::pid, pid);
  return event;
}

// "rule@event" of each firing, in order.
std::vector<std::string> firings_of(const Detection& detection) {
  std::vector<std::string> names;
  for (const Firing& firing : detection.firings) {
    names.push_back(firing.rule->id + "@" + std::to_string(firing.event_indices.front()));
  }
  return names;
}

TEST(Detector, FiresByEventThenByRule) {
  EventBatch batch;
  add_event(batch, "start", "/bin/sh", 1);
  add_event(batch, "exit", "/bin/sh", 2);
  add_event(batch, "start", "/tmp/x", 3);
  const Detector detector(load({rule_yaml("z-start", R"('type = "start"')"),
                                rule_yaml("a-tmp", "exe starts_with '/tmp/'"), rule_yaml("m-two", "pid = 2")}));
  const Detection detection = detector.detect(batch, 0);
  EXPECT_THAT(firings_of(detection), ::testing::ElementsAre("z-start@0", "m-two@1", "a-tmp@2", "z-start@2"));
  EXPECT_TRUE(detection.delta.empty());
}

TEST(Detector, SkipsDuplicatesSuppressedEventsAndDisabledRules) {
  EventBatch batch;
  add_event(batch, "start", "/bin/sh", 1).add_text(FieldId::duplicate_of, "00");
  add_event(batch, "start", "/bin/quiet", 2);
  add_event(batch, "start", "/bin/sh", 3);
  const Detector detector(load({rule_yaml("a", R"('type = "start"')", "suppressions: [exe ends_with '/quiet']\n"),
                                rule_yaml("b", R"('type = "start"')", "enabled: false\n")}));
  EXPECT_THAT(firings_of(detector.detect(batch, 0)), ::testing::ElementsAre("a@2"));
}

TEST(Detector, SuppressionsExpire) {
  EventBatch batch;
  add_event(batch, "start", "/bin/sh", 1);
  constexpr std::int64_t kDay = 86'400'000;
  constexpr std::int64_t kLastDay = 19'000 * kDay;  // 2022-01-08
  const Detector detector(load({rule_yaml("a", "pid = 1", "suppressions: [{filter: pid = 1, expires: 2022-01-08}]\n"),
                                rule_yaml("b", "pid = 1", "suppressions: [{filter: pid = 1, reason: r}]\n")}));
  EXPECT_THAT(firings_of(detector.detect(batch, kLastDay + kDay - 1)), ::testing::ElementsAre());
  EXPECT_THAT(firings_of(detector.detect(batch, kLastDay + kDay)), ::testing::ElementsAre("a@0"));
}

TEST(Detector, KeepsTheRulesOfADetectionAliveAfterTheyAreReplaced) {
  EventBatch batch;
  add_event(batch, "start", "/bin/sh", 1);
  Detector detector(load({rule_yaml("old", "pid = 1")}));
  const Detection detection = detector.detect(batch, 0);
  detector.replace_rules(std::make_shared<const ActiveRules>(load({rule_yaml("new", "pid = 1")})));
  EXPECT_THAT(firings_of(detection), ::testing::ElementsAre("old@0"));
  EXPECT_THAT(firings_of(detector.detect(batch, 0)), ::testing::ElementsAre("new@0"));
}

TEST(Detector, AnEmptyRuleSetFiresNothing) {
  EventBatch batch;
  add_event(batch, "start", "/bin/sh", 1);
  EXPECT_TRUE(Detector(std::make_shared<const RuleSet>()).detect(batch, 0).firings.empty());
}

TEST(Detector, TheMatcherAgreesWithTryingEveryRule) {
  const auto rules = load({
      rule_yaml("eq", R"('type = "start"')"),
      rule_yaml("ieq", R"('type ieq "START"')"),
      rule_yaml("in", R"('exe IN ("/bin/a", "/bin/b") AND pid > 1')"),
      rule_yaml("or", R"('type = "exit" OR exe = "/bin/a"')"),
      rule_yaml("or-number", R"('type = "exit" OR pid = 1')"),
      rule_yaml("not", R"('NOT type = "start"')"),
      rule_yaml("alias", R"('userType = "Root"')"),
      rule_yaml("path", R"('responseElements.ConsoleLogin = "Success"')"),
      rule_yaml("number-path", R"('requestParameters.maxResults = 5.0')"),
      rule_yaml("quoted-number-path", R"('requestParameters.maxResults = "5"')"),
      rule_yaml("is-null", "user = null"),
      rule_yaml("list", R"('path = "/etc/passwd"')"),
      rule_yaml("free", R"('"BIN/A"')"),
  });
  ASSERT_TRUE(rules->problems().empty()) << to_string(rules->problems().front());
  EventBatch batch;
  for (const std::string_view type : {"start", "START", "exit", ""}) {
    for (const std::string_view exe : {"/bin/a", "/bin/b", "/BIN/A"}) {
      for (const std::int64_t pid : {1, 2}) add_event(batch, type, exe, pid);
    }
  }
  batch.add().add_attribute("userType", Attribute::Kind::text, "Root");
  batch.add().add_text(FieldId::user_identity_type, "Root");
  batch.add().add_attribute("responseElements.ConsoleLogin", Attribute::Kind::text, "Success");
  batch.add().add_attribute("requestParameters.maxResults", Attribute::Kind::number, "5");
  batch.add().add_attribute("requestParameters.maxResults", Attribute::Kind::text, "5");
  Event& list = batch.add();
  list.add_text(FieldId::path, "/etc");
  list.add_text(FieldId::path, "/etc/passwd");

  std::vector<std::string> expected;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    for (std::size_t rule = 0; rule < rules->rules().size(); ++rule) {
      if (rules->compiled().compiled[rule].fires(batch.events()[i])) {
        expected.push_back(rules->rules()[rule].id + "@" + std::to_string(i));
      }
    }
  }
  EXPECT_GT(expected.size(), rules->rules().size());
  EXPECT_EQ(firings_of(Detector(rules).detect(batch, 0)), expected);
}

TEST(Detector, SeveralThreadsDetectTheSame) {
  std::vector<std::string> yamls;
  for (int i = 0; i < 50; ++i) {
    const std::string n = std::to_string(i);
    yamls.push_back(rule_yaml("r" + n, "exe contains '/x" + n + "' AND NOT pid = " + n));
  }
  EventBatch batch;
  std::vector<std::string> values;
  for (int i = 0; i < 200; ++i) values.push_back("/bin/x" + std::to_string(i % 60));
  for (std::size_t i = 0; i < values.size(); ++i) {
    add_event(batch, "start", values[i], static_cast<std::int64_t>(i));
  }
  const Detector detector(load(yamls));
  const std::vector<std::string> expected = firings_of(detector.detect(batch, 0));
  EXPECT_GT(expected.size(), 150U);
  std::vector<std::vector<std::string>> found(4);
  {
    std::vector<std::jthread> threads;
    for (std::vector<std::string>& mine : found) {
      threads.emplace_back([&] {
        for (int i = 0; i < 20; ++i) mine = firings_of(detector.detect(batch, 0));
      });
    }
  }
  for (const std::vector<std::string>& each : found) EXPECT_EQ(each, expected);
}

}  // namespace
}  // namespace sightline::detect
