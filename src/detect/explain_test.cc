#include "detect/explain.h"

#include <gtest/gtest.h>

#include "detect/compiled_rules.h"
#include "detect/detect_testing.h"

namespace sightline::detect {
namespace {

using testing::load;
using testing::rule_yaml;

Event& add_start(EventBatch& batch, std::string_view exe) {
  Event& event = batch.add();
  event.add_text(FieldId::event_type, "audit");
  event.add_text(FieldId::type, "start");
  event.add_text(FieldId::exe, exe);
  return event;
}

// "+" or "-" before each part, indented by its depth.
void print(const ExplainedPart& part, std::size_t depth, std::string& out) {
  out.append(depth, ' ').append(part.holds ? "+" : "-").append(part.text);
  if (!part.value.empty()) out.append(" | ").append(part.value);
  out += '\n';
  for (const ExplainedPart& inner : part.parts) print(inner, depth + 1, out);
}
std::string printed(const ExplainedPart& part) {
  std::string out;
  print(part, 0, out);
  return out;
}

TEST(Explain, TellsWhichPartFailed) {
  EventBatch batch;
  const Event& event = add_start(batch, "/bin/sh");
  const auto rules = load({rule_yaml(
      "a", R"('event_type = "audit" AND (exe ends_with "/zsh" OR user = "bob") AND NOT (pid = 1 OR exe = "/x")')")});
  ASSERT_EQ(rules->rules().size(), 1U);
  const auto explained = explain(rules->rules().front(), event, 0);
  ASSERT_TRUE(explained.has_value()) << explained.error().message;
  EXPECT_FALSE(explained->fires);
  EXPECT_EQ(printed(explained->filter),
            "-all of\n"
            " +event_type = \"audit\" | audit\n"
            " -any of\n"
            "  -exe ends_with \"/zsh\" | /bin/sh\n"
            "  -user = \"bob\" | (no user)\n"
            " +not\n"
            "  -any of\n"
            "   -pid = 1 | (no pid)\n"
            "   -exe = \"/x\" | /bin/sh\n");
}

TEST(Explain, TellsWhatSuppressedARule) {
  EventBatch batch;
  const Event& event = add_start(batch, "/bin/sh");
  const auto rules = load({rule_yaml("a", "type != null", "suppressions: [pid = 1, exe = '/bin/sh']\n")});
  const auto explained = explain(rules->rules().front(), event, 0);
  ASSERT_TRUE(explained.has_value());
  EXPECT_TRUE(explained->filter.holds);
  EXPECT_FALSE(explained->fires);
  ASSERT_EQ(explained->suppressions.size(), 2U);
  EXPECT_FALSE(explained->suppressions[0].filter.holds);
  EXPECT_TRUE(explained->suppressions[1].filter.holds);
}

TEST(Explain, ASuppressionThatExpiredSilencesNothing) {
  EventBatch batch;
  const Event& event = add_start(batch, "/bin/sh");
  const auto rules =
      load({rule_yaml("a", "type != null", "suppressions: [{filter: exe = '/bin/sh', expires: 2022-01-08}]\n")});
  const std::int64_t expires_ms = *rules->rules().front().suppressions.front().expires_ms;
  const auto before = explain(rules->rules().front(), event, expires_ms - 1);
  const auto after = explain(rules->rules().front(), event, expires_ms);
  ASSERT_TRUE(before.has_value() && after.has_value());
  EXPECT_FALSE(before->fires);
  EXPECT_FALSE(before->suppressions.front().expired);
  EXPECT_TRUE(after->fires);
  EXPECT_TRUE(after->suppressions.front().expired);
}

TEST(Explain, AgreesWithTheRuleForSigmaToo) {
  EventBatch batch;
  const Event& event = add_start(batch, "/bin/sh");
  const std::string yaml =
      "title: T\nid: r\nlogsource: {product: linux, category: process_creation}\ndetection:\n"
      "  s: {Image|endswith: [/SH, /bash], CommandLine: null}\n  f: {Image: '/b?n/x*'}\n  condition: s and not f\n";
  const auto rules = load({yaml});
  ASSERT_EQ(rules->rules().size(), 1U);
  const auto explained = explain(rules->rules().front(), event, 0);
  ASSERT_TRUE(explained.has_value()) << explained.error().message;
  EXPECT_TRUE(explained->fires);
  EXPECT_TRUE(rules->compiled().compiled.front().fires(event));
}

}  // namespace
}  // namespace sightline::detect
