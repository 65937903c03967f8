#include <gmock/gmock.h>

#include "alerts/alert_builder.h"
#include "alerts/alert_json.h"
#include "detect/rule_loader.h"

namespace sightline::alerts {
namespace {

using ::testing::HasSubstr;

std::shared_ptr<const detect::RuleSet> rules_of(std::string yaml) {
  const std::vector<detect::RuleText> texts{{"r.yaml", std::move(yaml)}};
  const auto rules = detect::load_rules(texts, {});
  EXPECT_TRUE(rules->problems().empty()) << to_string(rules->problems().front());
  return rules;
}

constexpr const char* kRule = R"(
id: root-shell
title: "{{user}} ran {{exe}} on {{hostname}}"
severity: 2
filter: type = "start"
tags: [attack.t1059, "SOC-2:CC 6.1"]
)";

Event& add_start(EventBatch& batch, std::uint8_t id, std::string_view user) {
  Event& event = batch.add();
  event.id.fill(id);
  event.event_time_ms = 1600362902289 + id;
  event.received_time_ms = 1600362903000;
  event.original = "type=SYSCALL \xff raw";
  event.add_text(FieldId::type, "start");
  event.add_text(FieldId::user, user);
  event.add_text(FieldId::exe, "/bin/sh");
  event.add_text(FieldId::agent_id, "agent-1");
  return event;
}

TEST(AlertBuilder, HoldsWhatTheRuleSaysAndTheEventWhole) {
  EventBatch batch;
  add_start(batch, 1, "ubuntu");
  const detect::Detector detector(rules_of(kRule));
  const auto alerts = build_alerts(detector.detect(batch, 0), batch, 1600362904000);
  ASSERT_EQ(alerts.size(), 1U);
  const Alert& alert = alerts.front();
  EXPECT_EQ(alert.rule_id, "root-shell");
  EXPECT_EQ(alert.title, "ubuntu ran /bin/sh on (no hostname)");
  EXPECT_EQ(alert.severity, 2);
  EXPECT_EQ(alert.created_ms, 1600362904000);
  EXPECT_EQ(alert.event_time_ms, 1600362902290);
  EXPECT_EQ(alert.agent_id, "agent-1");
  EXPECT_EQ(alert.hostname, "");
  EXPECT_EQ(alert.event_count, 1U);
  EXPECT_EQ(alert.status, Status::open);
  ASSERT_EQ(alert.events.size(), 1U);
  EXPECT_EQ(alert.events.front().event_id, batch.events().front().id);
  EXPECT_THAT(alert.events.front().json, HasSubstr("\"original_base64\":"));
  EXPECT_THAT(alert.events.front().json, HasSubstr("\"user\":\"ubuntu\""));
}

TEST(AlertBuilder, TheIdComesFromRuleAndFirstEventAlone) {
  EventBatch batch;
  add_start(batch, 1, "ubuntu");
  add_start(batch, 2, "ubuntu");
  const detect::Detector detector(rules_of(kRule));
  const auto once = build_alerts(detector.detect(batch, 0), batch, 1);
  const auto again = build_alerts(detector.detect(batch, 0), batch, 99);
  ASSERT_EQ(once.size(), 2U);
  EXPECT_EQ(once[0].id, again[0].id);
  EXPECT_NE(once[0].id, once[1].id);
  EXPECT_EQ(once[0].id.size(), 32U);
  EXPECT_NE(make_alert_id("a", batch.events()[0].id), make_alert_id("b", batch.events()[0].id));
}

TEST(AlertBuilder, AFiringOfSeveralEventsHoldsThemAll) {
  EventBatch batch;
  add_start(batch, 1, "a");
  add_start(batch, 2, "b");
  const auto rules = rules_of(kRule);
  const Alert alert = build_alert({&rules->rules().front(), {1, 0}}, batch, 5);
  EXPECT_EQ(alert.event_count, 2U);
  EXPECT_EQ(alert.id, make_alert_id("root-shell", batch.events()[1].id));
  EXPECT_EQ(alert.title, "b ran /bin/sh on (no hostname)");
  ASSERT_EQ(alert.events.size(), 2U);
  EXPECT_EQ(alert.events[1].event_id, batch.events()[0].id);
}

TEST(AlertJson, WritesEveryMember) {
  Alert alert;
  alert.id = "00ff";
  alert.rule_id = "r";
  alert.rule_fingerprint = "f0";
  alert.title = "say \"hi\"\n";
  alert.severity = 1;
  alert.created_ms = 2;
  alert.event_time_ms = 3;
  alert.agent_id = "a";
  alert.tags = {"x", "y"};
  alert.event_count = 1;
  alert.events.push_back({{}, 3, R"({"id":"1"})"});
  EXPECT_EQ(to_json(alert),
            R"({"id":"00ff","rule_id":"r","rule_fingerprint":"f0","title":"say \"hi\"\n","severity":1,)"
            R"("status":"open","created":2,"event_time":3,"agent_id":"a","hostname":null,"tags":["x","y"],)"
            R"("event_count":1,"dismissal":null})");
  alert.status = Status::dismissed;
  alert.dismissal = Dismissal{DismissReason::other, "known", "token:ops", 9};
  EXPECT_THAT(to_json(alert), HasSubstr(R"("status":"dismissed")"));
  EXPECT_THAT(to_json(alert), HasSubstr(R"("dismissal":{"reason":"OTHER","text":"known","by":"token:ops","at":9}})"));
  EXPECT_THAT(to_json_with_events(alert), ::testing::EndsWith(R"(,"events":[{"id":"1"}]})"));
}

TEST(AlertJson, ReadsItsOwnWords) {
  for (const DismissReason reason :
       {DismissReason::business_op, DismissReason::company_policy, DismissReason::maintenance, DismissReason::other}) {
    EXPECT_EQ(parse_dismiss_reason(to_string(reason)), reason);
  }
  EXPECT_EQ(parse_dismiss_reason("business_op"), DismissReason::business_op);
  EXPECT_EQ(parse_dismiss_reason("because"), std::nullopt);
  EXPECT_EQ(parse_status("OPEN"), Status::open);
  EXPECT_EQ(parse_status("dismissed"), Status::dismissed);
  EXPECT_EQ(parse_status(""), std::nullopt);
}

}  // namespace
}  // namespace sightline::alerts
