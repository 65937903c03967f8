#include "alerts/alert_builder.h"

#include <algorithm>
#include <span>

#include "base/hash.h"
#include "event/json.h"

namespace sightline::alerts {
namespace {

constexpr std::size_t kAlertIdBytes = 16;

std::string_view view_of(const EventId& id) { return {reinterpret_cast<const char*>(id.data()), id.size()}; }

Evidence evidence_of(const Event& event) {
  Evidence evidence{event.id, event.event_time_ms, {}};
  append_json(evidence.json, event);
  return evidence;
}

}  // namespace

std::string make_alert_id(std::string_view rule_id, const EventId& first_event) {
  const Sha256Digest digest = Sha256().update_framed(rule_id).update_framed(view_of(first_event)).finish();
  return to_hex(std::span(digest).first<kAlertIdBytes>());
}

Alert build_alert(const detect::Firing& firing, const EventBatch& batch, std::int64_t now_ms) {
  const Event& first = batch.events()[firing.event_indices.front()];
  const detect::Rule& rule = *firing.rule;
  Alert alert;
  alert.id = make_alert_id(rule.id, first.id);
  alert.rule_id = rule.id;
  alert.rule_fingerprint = rule.fingerprint;
  alert.title = rule.title.render(first);
  alert.severity = rule.severity;
  alert.created_ms = now_ms;
  alert.event_time_ms = first.event_time_ms;
  alert.agent_id = first.text(FieldId::agent_id).value_or("");
  alert.hostname = first.text(FieldId::hostname).value_or("");
  alert.tags = rule.tags;
  alert.event_count = firing.event_indices.size();
  for (const std::size_t index : firing.event_indices) alert.events.push_back(evidence_of(batch.events()[index]));
  return alert;
}

std::vector<Alert> build_alerts(const detect::Detection& detection, const EventBatch& batch, std::int64_t now_ms) {
  std::vector<Alert> alerts;
  alerts.reserve(detection.firings.size());
  for (const detect::Firing& firing : detection.firings) {
    if (firing.rule->alerts) alerts.push_back(build_alert(firing, batch, now_ms));
  }
  return alerts;
}

}  // namespace sightline::alerts
