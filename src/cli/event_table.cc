#include "cli/event_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <set>

#include "event/field.h"

namespace sightline::cli {
namespace {

struct ColumnRule {
  TableColumn column;
  std::function<TableCell(const Json& event)> cell;
};

std::string first_of(const Json& event, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (std::string text = event.text_of(name); !text.empty()) return text;
  }
  return {};
}

std::string address(const Json& event, std::string_view ip_name, std::string_view port_name) {
  const std::string ip = event.text_of(ip_name);
  const std::string port = event.text_of(port_name);
  if (ip.empty() || port.empty()) return ip;
  return ip.find(':') == std::string::npos ? ip + ":" + port : "[" + ip + "]:" + port;
}

// Of what a process did: "ubuntu → root" is who logged in, and who they had become.
std::string user_of(const Json& event) {
  const std::string login = event.text_of("auser");
  std::string user = event.text_of("user");
  if (!login.empty() && !user.empty() && login != user) return login + " → " + user;
  return user.empty() ? login : user;
}

// Of a login: who logged in, and with sudo and su who became whom. `user` is who the service runs as, mostly root; it
// says something only where nobody else is named and the service is not alone (auid unset).
std::string login_user_of(const Json& event) {
  constexpr std::string_view kUnset = "4294967295";
  const std::string actor = event.text_of("auser");
  const std::string target = event.text_of("target_user");
  if (!actor.empty() && !target.empty() && actor != target) return actor + " → " + target;
  if (!target.empty()) return target;
  if (!actor.empty()) return actor;
  return event.text_of("auid") == kUnset ? std::string() : event.text_of("user");
}

std::string any_user_of(const Json& event) {
  return event.text_of("event_type") == "login" ? login_user_of(event) : user_of(event);
}

// Who made a cloud or Kubernetes call.
std::string caller_of(const Json& event) {
  return first_of(event, {"arnRole", "userIdentity.userName", "user.username", "userIdentity.arn",
                          "userIdentity.invokedBy", "userIdentity.type"});
}

// What happened, in one line.
std::string what_of(const Json& event) {
  std::string what = first_of(event, {"arguments", "filename", "eventName"});
  if (const std::string old_name = event.text_of("old_filename"); !old_name.empty()) what = old_name + " → " + what;
  if (what.empty()) what = first_of(event, {"exe", "command", "log", "operation", "verb", "path"});
  const std::string target = address(event, "dst_ip", "dst_port");
  if (!target.empty()) what += " → " + target;
  const std::string failure = first_of(event, {"exit_name", "errorCode"});
  if (!failure.empty()) what += fmt::format(" ({})", failure);
  return what;
}

std::string kubernetes_object_of(const Json& event) {
  std::string object = event.text_of("objectRef.resource");
  for (const std::string_view name : {"objectRef.namespace", "objectRef.name", "objectRef.subresource"}) {
    if (const std::string part = event.text_of(name); !part.empty()) object += "/" + part;
  }
  return object;
}

TableCell failure_cell(const std::string& text) { return {text, Style::red}; }

ColumnRule field_column(std::string title, std::string name, bool may_shrink = true) {
  return {{std::move(title), false, may_shrink},
          [name = std::move(name)](const Json& event) { return TableCell{event.text_of(name)}; }};
}

ColumnRule column(std::string title, std::string (*text)(const Json&)) {
  return {{std::move(title)}, [text](const Json& event) { return TableCell{text(event)}; }};
}

ColumnRule time_column(const TimeZone& zone) {
  return {{fmt::format("time ({})", zone.name()), false, false}, [&zone](const Json& event) {
            const std::optional<std::int64_t> time_ms = event.integer_of("event_time");
            return TableCell{time_ms ? zone.format(*time_ms) : event.text_of("event_time")};
          }};
}

std::string host_of(const Json& event) { return first_of(event, {"hostname", "instance_id", "agent_id"}); }

std::vector<ColumnRule> login_columns(const TimeZone& zone) {
  return {time_column(zone),
          column("host", host_of),
          field_column("type", "type", false),
          column("user", login_user_of),
          field_column("method", "method"),
          {{"from", false, false}, [](const Json& event) { return TableCell{address(event, "src_ip", "src_port")}; }},
          field_column("service", "service"),
          field_column("session", "session"),
          field_column("key", "key_fingerprint")};
}

std::vector<ColumnRule> host_columns(const TimeZone& zone) {
  return {time_column(zone), column("host", host_of), column("user", user_of), field_column("type", "type", false),
          column("what", what_of)};
}

std::vector<ColumnRule> cloudtrail_columns(const TimeZone& zone) {
  return {time_column(zone),
          field_column("call", "eventName"),
          column("who", caller_of),
          field_column("ip", "sourceIPAddress", false),
          field_column("region", "awsRegion"),
          {{"error"}, [](const Json& event) { return failure_cell(event.text_of("errorCode")); }},
          field_column("bucket", "requestParameters.bucketName"),
          field_column("object", "requestParameters.key")};
}

std::vector<ColumnRule> kubernetes_columns(const TimeZone& zone) {
  return {
      time_column(zone),        field_column("verb", "verb", false),    column("object", kubernetes_object_of),
      column("who", caller_of), field_column("ip", "sourceIPs", false), field_column("status", "responseStatus.code")};
}

std::vector<ColumnRule> mixed_columns(const TimeZone& zone) {
  return {time_column(zone),
          column("host", [](const Json& event) { return first_of(event, {"hostname", "instance_id", "awsRegion"}); }),
          field_column("event_type", "event_type", false),
          field_column("type", "type"),
          column("user",
                 [](const Json& event) {
                   std::string user = any_user_of(event);
                   return user.empty() ? caller_of(event) : user;
                 }),
          column("what", what_of)};
}

std::vector<ColumnRule> chosen_columns(const std::vector<Json>& events, const TimeZone& zone) {
  std::set<std::string> kinds;
  for (const Json& event : events) kinds.insert(event.text_of("event_type"));
  const auto only = [&](std::initializer_list<std::string_view> names) {
    return std::ranges::all_of(kinds,
                               [&](const std::string& kind) { return std::ranges::find(names, kind) != names.end(); });
  };
  if (only({"login"})) return login_columns(zone);
  if (only({"audit", "file", "network"})) return host_columns(zone);
  if (only({"cloudtrail"})) return cloudtrail_columns(zone);
  if (only({"kubernetes"})) return kubernetes_columns(zone);
  return mixed_columns(zone);
}

bool is_time(std::string_view name) {
  const FieldInfo* field = find_field(name);
  return field != nullptr && field->type == FieldType::time;
}

TableCell value_cell(const Json& value, bool as_time, const TimeZone& zone) {
  const std::optional<std::int64_t> number = as_time ? value.as_integer() : std::nullopt;
  return {number ? zone.format(*number) : value.as_text()};
}

std::string title_of(const std::string& name, const TimeZone& zone) {
  return is_time(name) ? fmt::format("{} ({})", name, zone.name()) : name;
}

std::vector<ColumnRule> named_columns(const std::vector<std::string>& fields, const TimeZone& zone) {
  std::vector<ColumnRule> rules;
  for (const std::string& name : fields) {
    rules.push_back({{title_of(name, zone), false, !is_time(name)}, [name, &zone](const Json& event) {
                       const Json* value = event.find(name);
                       return value == nullptr ? TableCell{} : value_cell(*value, is_time(name), zone);
                     }});
  }
  return rules;
}

}  // namespace

Table event_table(const std::vector<Json>& events, const std::vector<std::string>& fields, const TimeZone& zone) {
  const std::vector<ColumnRule> rules = fields.empty() ? chosen_columns(events, zone) : named_columns(fields, zone);
  std::vector<TableColumn> columns;
  for (const ColumnRule& rule : rules) columns.push_back(rule.column);
  Table table(std::move(columns));
  for (const Json& event : events) {
    std::vector<TableCell> cells;
    for (const ColumnRule& rule : rules) cells.push_back(rule.cell(event));
    table.add_row(std::move(cells));
  }
  return table;
}

Table aggregate_table(const Json& answer, const TimeZone& zone) {
  static const Json empty;
  const Json* names = answer.find("columns");
  const Json& rows = answer.find("rows") != nullptr ? *answer.find("rows") : empty;
  std::vector<TableColumn> columns;
  std::vector<bool> times;
  for (const Json& name : names != nullptr ? names->items : empty.items) {
    const std::size_t at = columns.size();
    const bool numbers = std::ranges::all_of(rows.items, [at](const Json& row) {
      return at < row.items.size() && row.items[at].kind == Json::Kind::number;
    });
    times.push_back(is_time(name.as_text()) || name.as_text() == "time");
    const std::string title = times.back() ? fmt::format("{} ({})", name.as_text(), zone.name()) : name.as_text();
    columns.push_back({title, numbers && !times.back(), !numbers});
  }
  Table table(std::move(columns));
  for (const Json& row : rows.items) {
    std::vector<TableCell> cells;
    for (std::size_t i = 0; i < row.items.size() && i < times.size(); ++i) {
      cells.push_back(value_cell(row.items[i], times[i], zone));
    }
    table.add_row(std::move(cells));
  }
  return table;
}

}  // namespace sightline::cli
