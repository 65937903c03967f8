#include "server/api/rule_json.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "event/time.h"
#include "server/api/store_query.h"

namespace sightline::api {

namespace {

// Empty where the rule is active.
std::string why_inactive(const detect::ActiveRules::Entry& entry, const EventTypes& seen) {
  const detect::Rule& rule = *entry.rule;
  if (!rule.inactive_reason.empty()) return rule.inactive_reason;
  if (entry.disabled) return "switched off through the API";
  if (const std::string reason = entry.activity->set_aside_reason(); !reason.empty()) return "set aside: " + reason;
  const bool connected =
      rule.event_types.empty() ||
      std::ranges::any_of(rule.event_types, [&](const std::string& type) { return seen.contains(type); });
  return connected ? "" : fmt::format("no event of type {} has come in", fmt::join(rule.event_types, " or "));
}

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.key(name).begin_array();
  for (const std::string& text : texts) json.value(text);
  json.end_array();
}

void write_suppressions(JsonWriter& json, const detect::Rule& rule) {
  json.key("suppressions").begin_array();
  for (const detect::Suppression& suppression : rule.suppressions) {
    json.begin_object().member("filter", suppression.filter);
    json.member_or_null("reason", suppression.reason).member_or_null("author", suppression.author);
    json.member_or_null("expires", suppression.expires_ms ? format_iso8601(*suppression.expires_ms) : std::string());
    json.end_object();
  }
  json.end_array();
}

// Where the rule comes from, and what stands back for it.
void write_origin(JsonWriter& json, const detect::ActiveRules::Entry& entry,
                  const std::optional<control::RuleVersion>& kept) {
  const bool is_kept = entry.layer > 0 && kept;
  json.member("origin", entry.layer == 0 ? "file" : "api").member("fingerprint", entry.rule->fingerprint);
  json.member_or_null("overrides",
                      entry.overrides ? fmt::format("{}:{}", entry.overrides->file, entry.overrides->line) : "");
  json.key("version");
  is_kept ? json.value(kept->version) : json.null();
  json.key("changed");
  is_kept ? json.value(kept->at_ms) : json.null();
  json.member_or_null("changed_by", is_kept ? kept->principal : "");
}

void write_statistics(JsonWriter& json, const detect::RuleActivity& activity, std::uint64_t all_cpu_ns) {
  const auto cpu_ns = static_cast<double>(activity.cpu_ns);
  const double share = all_cpu_ns == 0 ? 0 : std::min(1.0, cpu_ns / static_cast<double>(all_cpu_ns));
  json.key("statistics").begin_object();
  json.member("matches", activity.matches.load()).member("suppressed", activity.suppressed.load()).key("last_match");
  activity.last_match_ms == 0 ? json.null() : json.value(activity.last_match_ms.load());
  json.key("cpu_seconds").raw(fmt::format("{:.6f}", cpu_ns / 1e9)).key("cpu_share").raw(fmt::format("{:.4f}", share));
  json.end_object();
}

}  // namespace

Result<EventTypes> event_types_seen(Services& services, std::stop_token stop) {
  const auto table = query_table(services, "event_type != null | count by event_type", {}, {}, std::move(stop));
  if (!table) return std::unexpected(table.error());
  EventTypes seen;
  for (const auto& row : table->rows) {
    for (const store::Cell& cell : row) {
      if (const auto* text = std::get_if<std::string>(&cell)) seen.insert(*text);
    }
  }
  return seen;
}

void write_rule(JsonWriter& json, const detect::ActiveRules::Entry& entry,
                const std::optional<control::RuleVersion>& kept, const EventTypes& seen, std::uint64_t all_cpu_ns) {
  const detect::Rule& rule = *entry.rule;
  const std::string reason = why_inactive(entry, seen);
  json.member("id", rule.id).member_or_null("name", rule.name);
  json.member("title", rule.title.text()).member("severity", rule.severity);
  json.member("state", detect::to_string(reason.empty() ? detect::RuleState::active : detect::RuleState::inactive));
  json.member_or_null("reason", reason);
  json.member("description", rule.description).member("filter", rule.filter);
  write_suppressions(json, rule);
  write_texts(json, "event_types", rule.event_types);
  json.member_or_null("response", rule.response).member_or_null("author", rule.author);
  json.member_or_null("log_source", rule.log_source).member("alerts", rule.alerts);
  write_texts(json, "tags", rule.tags);
  write_texts(json, "compliance", rule.compliance);
  write_texts(json, "references", rule.references);
  write_texts(json, "false_positives", rule.false_positives);
  json.member("file", rule.file).member("line", rule.line);
  write_origin(json, entry, kept);
  write_statistics(json, *entry.activity, all_cpu_ns);
}

}  // namespace sightline::api
