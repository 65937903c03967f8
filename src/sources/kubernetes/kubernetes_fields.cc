#include "sources/kubernetes/kubernetes_fields.h"

#include <array>

#include "sources/json/ip_address.h"
#include "sources/json/json_reader.h"

namespace sightline::kubernetes {
namespace {

// The first value at a path no field stands for; empty where there is none.
std::string_view attribute(const Event& event, std::string_view path) {
  for (const Attribute& attribute : event.attributes()) {
    if (attribute.path == path) return attribute.text;
  }
  return {};
}

std::string_view text(const Event& event, FieldId field) { return event.text(field).value_or(std::string_view()); }

struct VerbType {
  std::string_view verb;
  std::string_view type;
};

// Requests for resources have verbs of Kubernetes, others the method of HTTP.
constexpr std::array kVerbTypes = {
    VerbType{"get", "read"},     VerbType{"list", "read"},     VerbType{"watch", "read"},
    VerbType{"head", "read"},    VerbType{"options", "read"},  VerbType{"create", "create"},
    VerbType{"post", "create"},  VerbType{"update", "modify"}, VerbType{"put", "modify"},
    VerbType{"patch", "modify"}, VerbType{"delete", "delete"}, VerbType{"deletecollection", "delete"},
};

// What reaches into a running pod is named for it, whatever the verb: kubectl exec is `create` or `get`.
constexpr std::array kReachingIn = {std::string_view("exec"), std::string_view("attach"),
                                    std::string_view("portforward")};

void add_type(Event& event) {
  const std::string_view subresource = text(event, FieldId::object_ref_subresource);
  for (const std::string_view reaching : kReachingIn) {
    if (subresource == reaching) return event.add_text(FieldId::type, reaching);
  }
  const std::string_view verb = text(event, FieldId::verb);
  for (const VerbType& known : kVerbTypes) {
    if (verb == known.verb) return event.add_text(FieldId::type, known.type);
  }
  if (!verb.empty()) event.add_text(FieldId::type, verb);
}

// Nothing where the request was not answered yet.
void add_success(Event& event) {
  constexpr std::int64_t kFirstFailure = 400;
  const std::optional<std::int64_t> code = event.integer(FieldId::response_status_code);
  if (text(event, FieldId::stage) == "Panic") {
    event.add_boolean(FieldId::success, false);
  } else if (code && *code > 0) {
    event.add_boolean(FieldId::success, *code < kFirstFailure);
  } else if (attribute(event, "responseStatus.status") == "Failure" ||
             attribute(event, "annotations.authorization.k8s.io/decision") == "forbid") {
    event.add_boolean(FieldId::success, false);
  }
}

// The last address is the one the API server saw itself; a client can write any others in front of it.
void add_source_address(Event& event) {
  std::string_view last;
  for (const FieldValue& value : event.fields()) {
    if (value.field == FieldId::source_ips) last = value.text;
  }
  if (sources::is_ip_address(last)) event.add_text(FieldId::src_ip, last);
}

// The node a request is about, or comes from: a kubelet, or a pod by the token it was given.
std::string_view node_of(const Event& event) {
  constexpr std::string_view kNodeUser = "system:node:";
  if (text(event, FieldId::object_ref_resource) == "nodes") return text(event, FieldId::object_ref_name);
  const std::string_view user = text(event, FieldId::user_username);
  if (user.starts_with(kNodeUser)) return user.substr(kNodeUser.size());
  return attribute(event, "user.extra.authentication.kubernetes.io/node-name");
}

void add_where_present(Event& event, FieldId field, std::string_view value) {
  if (!value.empty()) event.add_text(field, value);
}

}  // namespace

bool is_audit_event(const Event& event) {
  const std::string_view kind = attribute(event, "kind");
  const std::string_view version = attribute(event, "apiVersion");
  if (!kind.empty() && kind != "Event") return false;
  if (!version.empty() && !version.starts_with("audit.k8s.io/")) return false;
  if (!kind.empty() && !version.empty()) return true;
  return event.find(FieldId::audit_id) != nullptr || event.find(FieldId::verb) != nullptr;
}

void add_derived_fields(Event& event) {
  if (event.event_time_ms == 0) sources::add_malformed(event, "stageTimestamp");
  event.add_text(FieldId::event_type, "kubernetes");
  add_type(event);
  add_success(event);
  add_where_present(event, FieldId::user, text(event, FieldId::user_username));
  add_where_present(event, FieldId::target_user, attribute(event, "impersonatedUser.username"));
  add_where_present(event, FieldId::node_name, node_of(event));
  add_source_address(event);
}

}  // namespace sightline::kubernetes
