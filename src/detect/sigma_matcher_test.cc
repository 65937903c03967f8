// All rules of SigmaHQ and our own at once, by the matcher and one by one: both must say the same of every event. The
// events are made of what the rules look for, so that most come close to firing some.
//
// SIGHTLINE_MATCHER_EVENTS and SIGHTLINE_MATCHER_SEED change how many and which.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "detect/compiled_rules.h"
#include "detect/rule_loader.h"
#include "detect/testing/rule_events.h"
#include "testing/corpora.h"

namespace sightline::detect {
namespace {

std::uint32_t number_from_environment(const char* name, std::uint32_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10));
}

TEST(SigmaMatcher, FiresExactlyTheRulesThatFireOneByOne) {
  SIGHTLINE_NEEDS_CORPUS("sigma");
  const std::filesystem::path ours = std::filesystem::path(SIGHTLINE_SOURCE_DIR) / "rules";
  const std::filesystem::path folders[] = {sightline::testing::corpora() / "sigma", ours};
  const auto rules = load_rule_files(folders, {});
  ASSERT_TRUE(rules.has_value());
  const std::uint32_t events = number_from_environment("SIGHTLINE_MATCHER_EVENTS", 1'000);
  const std::uint32_t seed = number_from_environment("SIGHTLINE_MATCHER_SEED", 1);
  testing::RuleEvents maker(**rules, seed);
  ASSERT_GT(maker.rules(), 3'000U);
  const Detector detector(*rules);
  const CompiledRules& compiled = (*rules)->compiled();
  std::size_t fired = 0;
  std::size_t fired_ours = 0;
  std::size_t differences = 0;
  for (std::uint32_t done = 0; done < events && differences < 10; done += 100) {
    EventBatch batch;
    for (int i = 0; i < 100; ++i) maker.add(batch);
    std::vector<std::pair<std::size_t, const Rule*>> found;
    const Detection detection = detector.detect(batch, 0);
    for (const Firing& firing : detection.firings) found.emplace_back(firing.event_indices.front(), firing.rule);
    std::vector<std::pair<std::size_t, const Rule*>> expected;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      for (std::size_t rule = 0; rule < compiled.rules.size(); ++rule) {
        const bool active = compiled.rules[rule].inactive_reason.empty();
        if (active && compiled.compiled[rule].fires(batch.events()[i])) expected.emplace_back(i, &compiled.rules[rule]);
      }
    }
    fired += expected.size();
    fired_ours += static_cast<std::size_t>(
        std::ranges::count_if(expected, [](const auto& each) { return each.second->log_source.empty(); }));
    if (found != expected) ++differences;
    EXPECT_EQ(found, expected) << "events " << done << " to " << done + 99;
  }
  std::cout << fmt::format("{} events, {} rules, seed {}: {} firings, {} of them of our own rules, {} differences\n",
                           events, compiled.rules.size(), seed, fired, fired_ours, differences);
  EXPECT_GT(fired, events / 10);
  EXPECT_GT(fired_ours, 0U);
}

}  // namespace
}  // namespace sightline::detect
