#include "alerts/alert_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/json_text.h"

namespace sightline::alerts {
namespace {

constexpr std::array kReasons{DismissReason::business_op, DismissReason::company_policy, DismissReason::maintenance,
                              DismissReason::other};

bool same_word(std::string_view left, std::string_view right) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(left, right, {}, lower, lower);
}

void append_key(std::string& out, std::string_view key) { out.append(",\"").append(key).append("\":"); }

void append_text(std::string& out, std::string_view key, std::string_view text) {
  append_key(out, key);
  append_json_string(out, text);
}

void append_text_or_null(std::string& out, std::string_view key, std::string_view text) {
  if (!text.empty()) return append_text(out, key, text);
  append_key(out, key);
  out += "null";
}

void append_number(std::string& out, std::string_view key, std::int64_t number) {
  append_key(out, key);
  out += fmt::to_string(number);
}

void append_dismissal(std::string& out, const std::optional<Dismissal>& dismissal) {
  append_key(out, "dismissal");
  if (!dismissal) {
    out += "null";
    return;
  }
  out += R"({"reason":)";
  append_json_string(out, to_string(dismissal->reason));
  append_text(out, "text", dismissal->text);
  append_text(out, "by", dismissal->by);
  append_number(out, "at", dismissal->at_ms);
  out += '}';
}

// All but the closing brace.
std::string open_json(const Alert& alert) {
  std::string out = R"({"id":)";
  append_json_string(out, alert.id);
  append_text(out, "rule_id", alert.rule_id);
  append_text_or_null(out, "rule_fingerprint", alert.rule_fingerprint);
  append_text(out, "title", alert.title);
  append_number(out, "severity", alert.severity);
  append_text(out, "status", to_string(alert.status));
  append_number(out, "created", alert.created_ms);
  append_number(out, "event_time", alert.event_time_ms);
  append_text_or_null(out, "agent_id", alert.agent_id);
  append_text_or_null(out, "hostname", alert.hostname);
  append_key(out, "tags");
  out += '[';
  for (std::size_t i = 0; i < alert.tags.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, alert.tags[i]);
  }
  out += ']';
  append_number(out, "event_count", static_cast<std::int64_t>(alert.event_count));
  append_dismissal(out, alert.dismissal);
  return out;
}

}  // namespace

std::string_view to_string(Status status) { return status == Status::open ? "open" : "dismissed"; }

std::string_view to_string(DismissReason reason) {
  switch (reason) {
    case DismissReason::business_op:
      return "BUSINESS_OP";
    case DismissReason::company_policy:
      return "COMPANY_POLICY";
    case DismissReason::maintenance:
      return "MAINTENANCE";
    case DismissReason::other:
      return "OTHER";
  }
  return "";
}

std::optional<Status> parse_status(std::string_view text) {
  for (const Status status : {Status::open, Status::dismissed}) {
    if (same_word(text, to_string(status))) return status;
  }
  return std::nullopt;
}

std::optional<DismissReason> parse_dismiss_reason(std::string_view text) {
  for (const DismissReason reason : kReasons) {
    if (same_word(text, to_string(reason))) return reason;
  }
  return std::nullopt;
}

std::string to_json(const Alert& alert) { return open_json(alert) + '}'; }

std::string to_json_with_events(const Alert& alert) {
  std::string out = open_json(alert);
  append_key(out, "events");
  out += '[';
  for (std::size_t i = 0; i < alert.events.size(); ++i) {
    if (i > 0) out += ',';
    out += alert.events[i].json;
  }
  return out += "]}";
}

}  // namespace sightline::alerts
