#include "query/parser.h"

#include <gtest/gtest.h>

#include "query/checker.h"
#include "query/predicate.h"
#include "query/text_form.h"

namespace sightline::query {
namespace {

constexpr std::int64_t kNowMs = 1'700'000'000'000;

std::string round_trip(std::string_view text) {
  const std::expected<Query, Diagnostic> query = parse(text);
  return query ? to_string(*query) : render(query.error(), text);
}

TEST(Parser, NormalisesTheSpelling) {
  EXPECT_EQ(round_trip("a='x'aNd(b=\"y\"oR c>5)"), R"(a = "x" AND (b = "y" OR c > 5))");
  EXPECT_EQ(round_trip("NOT a = 1 AND NOT b IN (1,2) AND c not in ('x')"),
            R"(a != 1 AND b NOT IN (1, 2) AND c != "x")");
  EXPECT_EQ(round_trip("a != null | count by b,c | sort count desc | limit 5"),
            "a != null | count by b, c | sort count desc | limit 5");
  EXPECT_EQ(round_trip(R"(a like "x\*y*" AND b like "x\*y")"), R"(a like "x\*y*" AND b contains "x*y")");
  EXPECT_EQ(round_trip(R"(a matches '\d+\.\d"')"), R"(a matches '\d+\.\d"')");
}

TEST(Parser, ThisQueryOfAnAnalystRuns) {
  const std::string_view text = R"(event_type = "login" AND agent_id = "436dd34c" AND event_time >= 1600362902289)";
  std::expected<Query, Diagnostic> query = parse(text);
  ASSERT_TRUE(query.has_value());
  ASSERT_TRUE(check(*query, {nullptr, kNowMs}).has_value());
  const Result<Predicate> predicate = Predicate::compile(*query->filter);
  ASSERT_TRUE(predicate.has_value());
  EventBatch batch;
  Event& event = batch.add();
  event.event_time_ms = 1600362902289;
  event.add_text(FieldId::event_type, "login");
  event.add_text(FieldId::agent_id, "436dd34c");
  EXPECT_TRUE(predicate->matches(event));
  event.event_time_ms -= 1;
  EXPECT_FALSE(predicate->matches(event));
}

}  // namespace
}  // namespace sightline::query
