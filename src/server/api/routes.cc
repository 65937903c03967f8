#include "server/api/routes.h"

#include "server/api/authentication.h"
#include "server/api/handlers.h"

namespace sightline::api {

namespace {

using control::Scope;
using http::Pool;

struct Endpoint {
  const char* method;
  const char* pattern;
  Handler* handler;
  Access access = Access::scope;
  Scope scope = Scope::admin;  // where access is Access::scope
  std::size_t max_body_bytes = 0;
  Pool pool = Pool::query;
};

constexpr std::size_t kNoBody = 0;

constexpr Endpoint kEndpoints[] = {
    {"POST", "/v1/events", post_events, Access::scope, Scope::ingest, kMaxIngestBodyBytes, Pool::ingest},
    {"POST", "/v1/ingest/{format}", post_ingest, Access::scope, Scope::ingest, kMaxIngestBodyBytes, Pool::ingest},
    {"POST", "/v1/search", search, Access::scope, Scope::search, kMaxJsonBodyBytes},
    {"GET", "/v1/events/{id}", get_event, Access::scope, Scope::search},
    {"GET", "/v1/events/{id}/original", get_event_original, Access::scope, Scope::search},
    {"GET", "/v1/fields", list_fields, Access::scope, Scope::search},
    {"GET", "/v1/agents", list_agents, Access::scope, Scope::search},
    {"PATCH", "/v1/agents/{id}", tag_agent, Access::scope, Scope::rules_write, kMaxJsonBodyBytes},
    {"GET", "/v1/statistics", get_statistics, Access::scope, Scope::search},
    {"GET", "/v1/quarantine", list_quarantine, Access::scope, Scope::search},
    {"GET", "/v1/alerts", list_alerts, Access::scope, Scope::alerts_read},
    {"GET", "/v1/alerts/{id}", get_alert, Access::scope, Scope::alerts_read},
    {"GET", "/v1/alerts/{id}/events", get_alert_events, Access::scope, Scope::alerts_read},
    {"PATCH", "/v1/alerts/{id}", update_alert, Access::scope, Scope::alerts_write, kMaxJsonBodyBytes},
    {"GET", "/v1/rules", list_rules, Access::scope, Scope::rules_read},
    {"GET", "/v1/rules/{id}", get_rule, Access::scope, Scope::rules_read},
    {"PUT", "/v1/rules/{id}", put_rule, Access::scope, Scope::rules_write, server::kMaxRuleTextBytes},
    {"DELETE", "/v1/rules/{id}", delete_rule, Access::scope, Scope::rules_write},
    {"PATCH", "/v1/rules/{id}", update_rule, Access::scope, Scope::rules_write, kMaxJsonBodyBytes},
    {"GET", "/v1/rules/{id}/versions", list_rule_versions, Access::scope, Scope::rules_read},
    {"POST", "/v1/rules/{id}/restore", restore_rule, Access::scope, Scope::rules_write, kMaxJsonBodyBytes},
    {"POST", "/v1/rules/check", check_rules, Access::scope, Scope::rules_read, server::kMaxRuleTextBytes},
    {"POST", "/v1/rules/reload", reload_rules, Access::scope, Scope::rules_write},
    {"POST", "/v1/verify", verify_store, Access::scope, Scope::admin},
    {"GET", "/v1/tokens", list_tokens, Access::scope, Scope::admin},
    {"POST", "/v1/tokens", create_token, Access::scope, Scope::admin, kMaxJsonBodyBytes},
    {"PATCH", "/v1/tokens/{id}", change_token, Access::scope, Scope::admin, kMaxJsonBodyBytes},
    {"DELETE", "/v1/tokens/{id}", revoke_token, Access::scope, Scope::admin},
    {"GET", "/v1/audit-log", list_audit_log, Access::scope, Scope::admin},
    {"GET", "/metrics", get_metrics, Access::scope, Scope::metrics},
    {"GET", "/healthz", get_health, Access::open, Scope::admin, kNoBody, Pool::inline_},
    {"GET", "/readyz", get_readiness, Access::open, Scope::admin, kNoBody, Pool::inline_},
    {"GET", "/openapi.yaml", get_openapi, Access::open, Scope::admin, kNoBody, Pool::inline_},
};

}  // namespace

std::vector<RouteInfo> all_routes() {
  std::vector<RouteInfo> routes;
  for (const Endpoint& endpoint : kEndpoints) {
    std::string_view access = control::to_string(endpoint.scope);
    if (endpoint.access == Access::open) access = "open";
    routes.push_back({endpoint.method, endpoint.pattern, access});
  }
  return routes;
}

http::Router make_router(Services& services) {
  http::Router router;
  for (const Endpoint& endpoint : kEndpoints) {
    http::Route route;
    route.method = endpoint.method;
    route.pattern = endpoint.pattern;
    route.pool = endpoint.pool;
    route.max_body_bytes = endpoint.max_body_bytes;
    route.admit = [&services, &endpoint](http::Request& request) {
      return authenticate(services, request, endpoint.access, endpoint.scope);
    };
    route.handle = [&services, &endpoint](http::Request& request) { return endpoint.handler(services, request); };
    router.add(std::move(route));
  }
  return router;
}

}  // namespace sightline::api
