// The handlers, one file each. docs/api/openapi.yaml says what each takes and answers; routes.cc says who may.
#pragma once

#include "server/api/services.h"
#include "server/http/message.h"

namespace sightline::api {

using Handler = http::Response(Services& services, http::Request& request);

Handler post_events;         // ingest.cc
Handler post_ingest;         // ingest.cc
Handler search;              // search.cc
Handler get_event;           // event.cc
Handler get_event_original;  // event_original.cc
Handler list_alerts;         // alerts.cc
Handler get_alert;           // alert.cc
Handler get_alert_events;    // alert_events.cc
Handler update_alert;        // alert_update.cc
Handler list_rules;          // rules.cc
Handler get_rule;            // rule.cc
Handler put_rule;            // rule_put.cc
Handler delete_rule;         // rule_delete.cc
Handler update_rule;         // rule_update.cc
Handler list_rule_versions;  // rule_versions.cc
Handler restore_rule;        // rule_restore.cc
Handler check_rules;         // rules_check.cc
Handler reload_rules;        // rules_reload.cc
Handler list_fields;         // fields.cc
Handler list_agents;         // agents.cc
Handler tag_agent;           // agent_tags.cc
Handler list_quarantine;     // quarantine.cc
Handler verify_store;        // verify.cc
Handler list_tokens;         // tokens.cc
Handler create_token;        // token_create.cc
Handler change_token;        // token_quota.cc
Handler revoke_token;        // token_revoke.cc
Handler list_audit_log;      // audit_log.cc
Handler get_statistics;      // statistics.cc
Handler get_health;          // health.cc
Handler get_readiness;       // readiness.cc
Handler get_metrics;         // metrics_page.cc
Handler get_openapi;         // openapi.cc

}  // namespace sightline::api
