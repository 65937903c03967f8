#include "detect/active_rules.h"

#include <gmock/gmock.h>

#include <memory_resource>

#include "detect/detect_testing.h"
#include "detect/detector.h"

namespace sightline::detect {
namespace {

using testing::load;
using testing::rule_yaml;

std::shared_ptr<const ActiveRules> active(std::vector<std::string> yamls) {
  return std::make_shared<const ActiveRules>(load(std::move(yamls)));
}

EventBatch events_with_pids(std::initializer_list<std::int64_t> pids) {
  EventBatch batch;
  for (const std::int64_t pid : pids) batch.add().add_integer(FieldId::pid, pid);
  return batch;
}

// "rule@event" of each firing, in order.
std::vector<std::string> firings_of(const Detection& detection) {
  std::vector<std::string> names;
  for (const Firing& firing : detection.firings) {
    names.push_back(firing.rule->id + "@" + std::to_string(firing.event_indices.front()));
  }
  return names;
}

const RuleActivity& activity(const Detector& detector, std::string_view id) {
  return *detector.rules()->find(id)->activity;
}

TEST(ActiveRules, CountWhatEachRuleDid) {
  constexpr std::int64_t kDay = 86'400'000;
  const Detector detector(load({rule_yaml("a", "pid > 1", "suppressions: [pid = 3]\n"),
                                rule_yaml("b", "pid > 1", "suppressions: [{filter: pid = 4, expires: 2022-01-08}]\n"),
                                rule_yaml("never", "pid = 99")}));
  detector.detect(events_with_pids({1, 2, 3, 4}), 19'000 * kDay);  // within 2022-01-08
  EXPECT_EQ(activity(detector, "a").matches, 2U);
  EXPECT_EQ(activity(detector, "a").suppressed, 1U);
  EXPECT_EQ(activity(detector, "b").matches, 2U);
  EXPECT_EQ(activity(detector, "b").suppressed, 1U);
  EXPECT_EQ(activity(detector, "a").last_match_ms, 19'000 * kDay);
  EXPECT_EQ(activity(detector, "never").matches, 0U);
  EXPECT_EQ(activity(detector, "never").last_match_ms, 0);
  detector.detect(events_with_pids({4}), 19'001 * kDay);
  EXPECT_EQ(activity(detector, "b").matches, 3U);
  EXPECT_EQ(activity(detector, "b").first_matched, 2U);
}

TEST(ActiveRules, ARuleOfASetAboveTakesThePlaceOfOneBelow) {
  const auto files = load({rule_yaml("a", "pid = 1"), rule_yaml("b", "pid = 1"), rule_yaml("c", "pid = 1")});
  const auto above = load({rule_yaml("b", "pid = 2"), rule_yaml("d", "pid = 2")});
  const auto top = load({rule_yaml("d", "pid = 3")});
  const auto rules = std::make_shared<const ActiveRules>(std::vector<RuleLayer>{{files, {"c"}}, {above}, {top}},
                                                         RuleIds{}, nullptr, RuleIds{});
  const Detector detector(rules);
  EXPECT_THAT(firings_of(detector.detect(events_with_pids({1, 2, 3}), 0)), ::testing::ElementsAre("a@0", "b@1", "d@2"));
  EXPECT_EQ(rules->find("c"), nullptr);
  EXPECT_EQ(rules->find("b")->overrides, files->find("b"));
  EXPECT_EQ(rules->find("a")->overrides, nullptr);
}

TEST(ActiveRules, FireByIdWhateverSetTheyAreIn) {
  const auto rules = std::make_shared<const ActiveRules>(
      std::vector<RuleLayer>{{load({rule_yaml("b", "pid = 1")})}, {load({rule_yaml("a", "pid = 1")})}}, RuleIds{},
      nullptr, RuleIds{});
  EXPECT_THAT(firings_of(Detector(rules).detect(events_with_pids({1}), 0)), ::testing::ElementsAre("a@0", "b@0"));
}

TEST(ActiveRules, DisabledRulesAreNotTried) {
  const auto files = load({rule_yaml("a", "pid = 1"), rule_yaml("b", "pid = 1")});
  const auto rules =
      std::make_shared<const ActiveRules>(std::vector<RuleLayer>{{files}}, RuleIds{"a"}, nullptr, RuleIds{});
  EXPECT_THAT(firings_of(Detector(rules).detect(events_with_pids({1}), 0)), ::testing::ElementsAre("b@0"));
  EXPECT_TRUE(rules->find("a")->disabled);
}

TEST(ActiveRules, WhatIsKnownOfARuleGoesOnWithItsId) {
  const auto first = active({rule_yaml("a", "pid = 1"), rule_yaml("b", "pid = 1")});
  Detector detector(first);
  detector.detect(events_with_pids({1}), 5);
  ASSERT_TRUE(first->set_aside(*first->find("a"), "slow"));
  const auto again = [&](const RuleIds& released) {
    return std::make_shared<const ActiveRules>(std::vector<RuleLayer>{{load({rule_yaml("a", "pid = 1")})}}, RuleIds{},
                                               detector.rules().get(), released);
  };
  detector.replace_rules(again({}));
  detector.detect(events_with_pids({1}), 6);
  EXPECT_EQ(activity(detector, "a").matches, 1U) << "it is still set aside";
  EXPECT_EQ(activity(detector, "a").set_aside_reason(), "slow");
  detector.replace_rules(again({"a"}));
  detector.detect(events_with_pids({1}), 7);
  EXPECT_EQ(activity(detector, "a").matches, 2U);
  EXPECT_EQ(activity(detector, "a").set_aside_reason(), "");
}

TEST(ActiveRules, ARuleSetUsedAgainKeepsWhatItsMatcherRemembers) {
  const auto files = load({rule_yaml("a", "pid = 1")});
  const ActiveRules first(files);
  const ActiveRules second({{files}, {load({rule_yaml("b", "pid = 1")})}}, {}, &first, {});
  EXPECT_EQ(first.layers()[0].sessions, second.layers()[0].sessions);
  EXPECT_NE(second.layers()[1].sessions, nullptr);
}

// Bytes in which the expression below finds a beginning everywhere and an end nowhere.
std::string hard_value(int seed) {
  std::string text = std::to_string(seed);
  while (text.size() < 256UL * 1024) text += "abaabbab";
  return text;
}

TEST(SettingAside, ARuleOverItsBudgetIsNoLongerTriedAndTheOthersGoOn) {
  // A budget of 20 ms, which 64 of these values are far above and the other rule far below.
  const RuleBudget budget{.cores = 20e6 / 1e15, .window_ns = 1'000'000'000'000'000, .least_samples = 1};
  const Detector detector(
      load({rule_yaml("cheap", "pid = 1"), rule_yaml("dear", "'arguments matches \"(a|b)*a(a|b){60}c\"'")}), budget);
  std::vector<SetAside> set_aside;
  std::uint64_t events = 0;
  while (set_aside.empty() && events < 2'000) {
    EventBatch batch;
    std::vector<std::string> values;
    for (int i = 0; i < 20; ++i) values.push_back(hard_value(static_cast<int>(events) + i));
    for (const std::string& value : values) {
      Event& event = batch.add();
      event.add_integer(FieldId::pid, 1);
      event.add_text(FieldId::arguments, value);
    }
    events += batch.size();
    EXPECT_EQ(detector.detect(batch, 0).firings.size(), batch.size());
    set_aside = detector.take_set_aside();
  }
  ASSERT_EQ(set_aside.size(), 1U);
  EXPECT_EQ(set_aside[0].rule_id, "dear");
  EXPECT_THAT(set_aside[0].reason, ::testing::HasSubstr("of CPU time within"));
  EXPECT_EQ(activity(detector, "dear").set_aside_reason(), set_aside[0].reason);
  EXPECT_EQ(activity(detector, "cheap").matches, events);
  EXPECT_GT(activity(detector, "dear").cpu_ns, activity(detector, "cheap").cpu_ns);
  EXPECT_GE(detector.cpu_ns(), activity(detector, "dear").cpu_ns);
  const std::uint64_t before_ns = activity(detector, "dear").cpu_ns;
  for (std::int64_t i = 0; i < 1'000; ++i) detector.detect(events_with_pids({1}), 0);
  EXPECT_EQ(activity(detector, "dear").cpu_ns, before_ns);
  EXPECT_TRUE(detector.take_set_aside().empty()) << "it is told once";
}

TEST(SettingAside, ARuleThatFailsIsNoLongerTriedAndTheOthersGoOn) {
  const Detector detector(load({rule_yaml("fails", "'arguments matches \"x[0-9]y\"'"), rule_yaml("holds", "pid = 1")}),
                          {.cores = 0});
  EventBatch batch;
  for (int i = 0; i < 3; ++i) {
    Event& event = batch.add();
    event.add_integer(FieldId::pid, 1);
    event.add_text(FieldId::arguments, "x1y");
  }
  // The only memory that evaluation takes from here is for the value that a regular expression looks at.
  std::pmr::memory_resource* usual = std::pmr::set_default_resource(std::pmr::null_memory_resource());
  const Detection detection = detector.detect(batch, 0);
  std::pmr::set_default_resource(usual);
  EXPECT_THAT(firings_of(detection), ::testing::ElementsAre("holds@0", "holds@1", "holds@2"));
  EXPECT_THAT(activity(detector, "fails").set_aside_reason(), ::testing::HasSubstr("its evaluation failed"));
  EXPECT_EQ(activity(detector, "holds").matches, 3U);
  EXPECT_EQ(detector.take_set_aside().size(), 1U);
}

TEST(RuleBudget, IsOverAWindowOfTime) {
  constexpr RuleBudget kBudget{.cores = 0.5, .window_ns = 1'000, .least_samples = 2};
  RuleActivity rule;
  const auto over = [&](std::uint64_t taken_ns, std::uint64_t now_ns) {
    const RuleActivity::Window window = rule.charge(taken_ns, now_ns, kBudget.window_ns);
    return kBudget.is_exceeded(window.cpu_ns, window.samples);
  };
  EXPECT_FALSE(over(501, 5'000)) << "one sample says little";
  EXPECT_TRUE(over(1, 5'999));
  EXPECT_FALSE(over(400, 6'000)) << "another window";
  EXPECT_FALSE(over(100, 6'001));
  EXPECT_TRUE(over(1, 6'002));
  EXPECT_EQ(rule.cpu_ns, 1'003U);
  EXPECT_FALSE((RuleBudget{.cores = 0}.is_exceeded(UINT64_MAX, 1'000)));
}

}  // namespace
}  // namespace sightline::detect
