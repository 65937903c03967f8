#include "sources/kubernetes/kubernetes_decoder.h"

#include "sources/json/json_event_decoder.h"
#include "sources/kubernetes/kubernetes_fields.h"

namespace sightline::kubernetes {
namespace {

using sources::PathRule;
using sources::PathRules;

// Both times stay searchable under their own names: they carry microseconds, and their difference is what the request
// took.
void add_time_rule(PathRules& rules, std::string_view path, std::uint8_t rank) {
  rules[std::string(path)] =
      PathRule{.kind = PathRule::Kind::time, .time_rank = rank, .time_kept = true, .renamed = {}};
}

// What we derive may not come from the JSON.
PathRules kubernetes_rules() {
  PathRules rules = sources::schema_rules();
  add_time_rule(rules, "stageTimestamp", 0);
  add_time_rule(rules, "requestReceivedTimestamp", 1);
  add_time_rule(rules, "time", 2);  // of the envelope that Azure puts around an event
  for (const char* path :
       {"event_type", "type", "success", "user", "target_user", "src_ip", "node_name", "malformed", "partial"}) {
    sources::reserve_path(rules, path);
  }
  return rules;
}

}  // namespace

std::unique_ptr<sources::Decoder> make_kubernetes_decoder(const sources::DecodeContext& context) {
  return sources::make_json_event_decoder(
      {.list_key = "items",
       .rules = kubernetes_rules(),
       .namer = nullptr,
       .embedded_path = "properties.log",
       .expected = "a Kubernetes audit event (kind Event of audit.k8s.io)",
       .is_event = is_audit_event,
       .add_derived_fields = [](Event& event, Arena&) { add_derived_fields(event); }},
      context);
}

}  // namespace sightline::kubernetes
