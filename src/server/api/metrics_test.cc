#include "server/api/metrics.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "detect/rule_loader.h"
#include "server/api/rule_metrics.h"

namespace sightline::api {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

http::Exchange exchange(std::string method, std::string pattern, int status) {
  http::Exchange made;
  made.method = std::move(method);
  made.pattern = std::move(pattern);
  made.status = status;
  made.duration = std::chrono::milliseconds(3);
  return made;
}

detect::ActiveRules no_rules() { return detect::ActiveRules(std::make_shared<const detect::RuleSet>()); }

// As many rules as asked for, each with another id.
std::shared_ptr<const detect::RuleSet> many_rules(std::size_t count) {
  std::string yaml;
  for (std::size_t i = 0; i < count; ++i)
    yaml += fmt::format("---\nid: r{:04}\ntitle: t\nseverity: 1\nfilter: pid = {}\n", i, i);
  return detect::load_rules({{{"r.yaml", yaml}}}, {});
}

TEST(Metrics, RulesHaveFewSeriesHoweverManyThereAre) {
  const detect::ActiveRules rules(many_rules(kRulesWithSeries + 100));
  std::uint64_t place = 0;
  for (const auto& entry : rules.rules()) {
    entry.activity->matches = 2;
    entry.activity->suppressed = 3;
    entry.activity->first_matched = ++place;
    entry.activity->cpu_ns = place * 1'000'000'000;
  }
  ASSERT_TRUE(rules.set_aside(rules.rules()[7], "slow"));
  server::PipelineMetrics pipeline;
  pipeline.rules_set_aside = 4;
  const std::string text = Metrics().render(pipeline, {}, rules, true);
  EXPECT_THAT(text, HasSubstr(R"(sightline_rule_matches_total{rule="r0000"} 2)"));
  EXPECT_THAT(text, HasSubstr(R"(sightline_rule_suppressed_total{rule="r0499"} 3)"));
  EXPECT_THAT(text, Not(HasSubstr(R"(sightline_rule_matches_total{rule="r0500"})")));
  EXPECT_THAT(text, HasSubstr(R"(sightline_rule_matches_total{rule=""} 200)"));
  EXPECT_THAT(text, HasSubstr(R"(sightline_rule_cpu_seconds_total{rule="r0599"} 600)"));
  EXPECT_THAT(text, HasSubstr(R"(sightline_rule_cpu_seconds_total{rule="r0580"} 581)"));
  EXPECT_THAT(text, Not(HasSubstr(R"(sightline_rule_cpu_seconds_total{rule="r0579"})")));
  EXPECT_THAT(text, HasSubstr(R"(sightline_rules{state="tried"} 599)"));
  EXPECT_THAT(text, HasSubstr(R"(sightline_rules{state="set_aside"} 1)"));
  EXPECT_THAT(text, HasSubstr("sightline_rules_set_aside_total 4"));
}

TEST(Metrics, CountsRequestsByRoute) {
  Metrics metrics;
  const server::PipelineMetrics pipeline;
  metrics.count_request(exchange("GET", "/v1/alerts/{id}", 200));
  metrics.count_request(exchange("GET", "/v1/alerts/{id}", 200));
  metrics.count_refusal("no_token");
  const std::string text = metrics.render(pipeline, {}, no_rules(), true);
  EXPECT_THAT(text, HasSubstr(R"(sightline_http_requests_total{method="GET",route="/v1/alerts/{id}",status="200"} 2)"));
  EXPECT_THAT(text, HasSubstr(R"(sightline_http_request_seconds_bucket{route="/v1/alerts/{id}",le="0.005"} 2)"));
  EXPECT_THAT(text, HasSubstr(R"(sightline_http_refusals_total{reason="no_token"} 1)"));
  EXPECT_THAT(text, HasSubstr("sightline_ready 1"));
}

TEST(Metrics, AClientCannotMakeSeries) {
  Metrics metrics;
  metrics.count_request(exchange("BREW\"{}", "", 404));
  metrics.count_request(exchange("PROPFIND", "", 404));
  const std::string text = metrics.render(server::PipelineMetrics(), {}, no_rules(), true);
  EXPECT_THAT(text, HasSubstr(R"(sightline_http_requests_total{method="other",route="none",status="404"} 2)"));
  EXPECT_THAT(text, Not(HasSubstr("BREW")));
}

TEST(Metrics, ShowsThePipelineAndTheLoad) {
  Metrics metrics;
  server::PipelineMetrics pipeline;
  pipeline.events_accepted = 1'000'000;
  pipeline.append_us = 2'500'000;
  EXPECT_THAT(metrics.render(pipeline, {}, no_rules(), false), Not(HasSubstr("sightline_http_connections")));
  metrics.set_load_source([] { return http::Load{.connections = 3, .query_queued = 2}; });
  const std::string text = metrics.render(
      pipeline, {.originals_over_limit = 4, .unnumbered_attributes = 5, .attribute_keys = 6}, no_rules(), false);
  EXPECT_THAT(text, HasSubstr("sightline_originals_over_limit_total 4"));
  EXPECT_THAT(text, HasSubstr("sightline_unnumbered_attributes_total 5"));
  EXPECT_THAT(text, HasSubstr("sightline_attribute_keys 6"));
  EXPECT_THAT(text, HasSubstr("sightline_ingest_events_total 1000000"));
  EXPECT_THAT(text, HasSubstr("sightline_append_seconds_total 2.5"));
  EXPECT_THAT(text, HasSubstr("sightline_http_connections 3"));
  EXPECT_THAT(text, HasSubstr("sightline_http_query_queued 2"));
  EXPECT_THAT(text, HasSubstr("sightline_ready 0"));
}

}  // namespace
}  // namespace sightline::api
