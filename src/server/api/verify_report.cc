#include "server/api/verify_report.h"

namespace sightline::api {

void write_verify_report(JsonWriter& json, const server::VerifyReport& report) {
  json.begin_object().member("intact", report.intact());
  json.key("head").begin_object().member("number", report.head.number).member("link", to_hex(report.head.link));
  json.end_object();
  json.key("audit_head").begin_object().member("number", report.audit_head.number);
  json.member("link", to_hex(report.audit_head.link)).end_object();
  json.member("batches", report.batches).member("events", report.events).member("alerts", report.alerts);
  json.member("removed_batches", report.removed_batches).member("removed_events", report.removed_events);
  json.member("audit_entries", report.audit_entries).member("finding_count", report.finding_count);
  json.key("findings").begin_array();
  for (const server::Finding& finding : report.findings) {
    json.begin_object().member("kind", server::to_string(finding.kind)).member("batch", finding.batch);
    json.member("detail", finding.detail).end_object();
  }
  json.end_array().end_object();
}

}  // namespace sightline::api
