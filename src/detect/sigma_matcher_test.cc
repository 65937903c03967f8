// All rules of SigmaHQ at once, by the matcher and one by one: both must say the same of every event. The events are
// made of what the rules look for, so that most come close to firing some.
//
// SIGHTLINE_MATCHER_EVENTS and SIGHTLINE_MATCHER_SEED change how many and which.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>

#include "detect/compiled_rules.h"
#include "detect/rule_filter.h"
#include "detect/rule_loader.h"
#include "testing/corpora.h"

namespace sightline::detect {
namespace {

std::uint32_t number_from_environment(const char* name, std::uint32_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10));
}

void collect_comparisons(const query::Expr& expr, std::vector<query::Comparison>& out) {
  if (const auto* node = std::get_if<query::And>(&expr.node)) {
    for (const query::Expr& operand : node->operands) collect_comparisons(operand, out);
  } else if (const auto* either = std::get_if<query::Or>(&expr.node)) {
    for (const query::Expr& operand : either->operands) collect_comparisons(operand, out);
  } else if (const auto* negation = std::get_if<query::Not>(&expr.node)) {
    collect_comparisons(*negation->operand, out);
  } else if (const auto* comparison = std::get_if<query::Comparison>(&expr.node)) {
    out.push_back(*comparison);
  }
}

// Makes events of the values that rules compare with.
class EventMaker {
 public:
  EventMaker(const RuleSet& rules, std::uint32_t seed) : random_(seed) {
    for (const Rule& rule : rules.rules()) {
      if (!rule.inactive_reason.empty()) continue;
      const auto filter = read_filter(rule.filter);
      EXPECT_TRUE(filter.has_value());
      if (filter) collect_comparisons(*filter, comparisons_.emplace_back());
    }
  }

  void add(EventBatch& batch) {
    Event& event = batch.add();
    event.event_time_ms = 1'700'000'000'000;
    const std::uint32_t rules = 1 + below(2);
    for (std::uint32_t i = 0; i < rules; ++i) {
      for (const query::Comparison& comparison : comparisons_[below(static_cast<std::uint32_t>(comparisons_.size()))]) {
        if (below(8) != 0) add_value(batch, event, comparison);
      }
    }
  }

 private:
  std::uint32_t below(std::uint32_t bound) { return random_() % bound; }

  void add_value(EventBatch& batch, Event& event, const query::Comparison& comparison) {
    const query::Literal& operand = comparison.operands[below(static_cast<std::uint32_t>(comparison.operands.size()))];
    const query::Target& target =
        comparison.field.targets[below(static_cast<std::uint32_t>(comparison.field.targets.size()))];
    const std::string_view text = batch.arena().copy(text_for(comparison, operand));
    if (const FieldId* field = std::get_if<FieldId>(&target)) {
      if (event.find(*field) != nullptr && below(4) != 0) return;
      if (field_info(*field).type != FieldType::text) return event.add_integer(*field, operand.integer.value_or(0));
      return event.add_text(*field, text);
    }
    const std::string_view path = batch.arena().copy(std::get<std::string>(target));
    const bool number = operand.decimal.has_value();
    event.add_attribute(path, number ? Attribute::Kind::number : Attribute::Kind::text,
                        number ? batch.arena().copy(*operand.decimal) : text);
  }

  std::string text_for(const query::Comparison& comparison, const query::Literal& operand) {
    std::string text = operand.text;
    if (below(6) == 0) {
      for (char& c : text) c = static_cast<char>(below(2) == 0 ? std::toupper(static_cast<unsigned char>(c)) : c);
    }
    if (below(12) == 0 && !text.empty()) text.pop_back();
    switch (comparison.comparator) {
      case query::Comparator::contains:
        return noise() + text + noise();
      case query::Comparator::starts_with:
        return text + noise();
      case query::Comparator::ends_with:
        return noise() + text;
      default:
        return text;
    }
  }
  std::string noise() {
    static const std::vector<std::string> kNoise{"", " ", "C:\\Windows\\System32\\", " /c ", "x", "-enc ", "é"};
    return kNoise[below(static_cast<std::uint32_t>(kNoise.size()))];
  }

  std::mt19937 random_;
  std::vector<std::vector<query::Comparison>> comparisons_;
};

TEST(SigmaMatcher, FiresExactlyTheRulesThatFireOneByOne) {
  SIGHTLINE_NEEDS_CORPUS("sigma");
  const std::filesystem::path folder = sightline::testing::corpora() / "sigma";
  const auto rules = load_rule_files(std::span(&folder, 1), {});
  ASSERT_TRUE(rules.has_value());
  const std::uint32_t events = number_from_environment("SIGHTLINE_MATCHER_EVENTS", 1'000);
  const std::uint32_t seed = number_from_environment("SIGHTLINE_MATCHER_SEED", 1);
  EventMaker maker(**rules, seed);
  const Detector detector(*rules);
  const CompiledRules& compiled = (*rules)->compiled();
  std::size_t fired = 0;
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
    if (found != expected) ++differences;
    EXPECT_EQ(found, expected) << "events " << done << " to " << done + 99;
  }
  std::cout << fmt::format("{} events, {} rules, seed {}: {} firings, {} differences\n", events, compiled.rules.size(),
                           seed, fired, differences);
  EXPECT_GT(fired, events / 10);
}

}  // namespace
}  // namespace sightline::detect
