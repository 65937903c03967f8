// sightline alerts: what the rules found, and what was decided about it.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <ostream>

#include "alerts/alert_json.h"
#include "base/json_text.h"
#include "cli/all_commands.h"
#include "cli/event_table.h"
#include "cli/opened.h"

namespace sightline::cli {
namespace {

struct AlertOptions {
  ConnectionOptions connection;
  ViewOptions view;
  std::string id;
  std::string status = "open";
  std::string severity;
  std::string rule;
  std::uint64_t limit = 100;
  std::string reason;
  std::string text;
};

using Shared = std::shared_ptr<AlertOptions>;

Result<Opened> open(const AlertOptions& options, Io& io) { return open_view(options.connection, options.view, io); }

constexpr std::size_t kIdSize = 32;
constexpr std::size_t kShownIdSize = 12;  // 48 bits: no two alerts of a server share them, for all practical purposes
constexpr std::size_t kLeastIdSize = 4;

// The whole id that starts as `start` does, by looking through the alerts.
Result<std::string> find_id(Connection& connection, const std::string& start) {
  std::string found;
  std::string cursor;
  do {
    const std::string page = cursor.empty() ? "" : "&cursor=" + percent_encode(cursor);
    const Result<Json> answer = connection.get("/v1/alerts?limit=1000" + page);
    if (!answer) return std::unexpected(answer.error());
    const Json* alerts = answer->find("alerts");
    if (alerts == nullptr) return fail(ErrorCode::unavailable, "the server's answer holds no alerts");
    for (const Json& alert : alerts->items) {
      std::string id = alert.text_of("id");
      if (!id.starts_with(start)) continue;
      if (!found.empty()) {
        return fail(ErrorCode::invalid_input,
                    fmt::format("several alerts start with \"{}\": give more of the id", start));
      }
      found = std::move(id);
    }
    cursor = answer->text_of("cursor");
  } while (!cursor.empty());
  if (found.empty()) return fail(ErrorCode::not_found, fmt::format("there is no alert \"{}\"", start));
  return found;
}

// "/v1/alerts/ID"; of an id that was shown short, after looking up the rest.
Result<std::string> path_of(Connection& connection, const AlertOptions& options) {
  std::string id = options.id;
  if (id.size() >= kLeastIdSize && id.size() < kIdSize) {
    Result<std::string> whole = find_id(connection, id);
    if (!whole) return whole;
    id = std::move(*whole);
  }
  return "/v1/alerts/" + percent_encode(id);
}

// Where nothing is cut, ids are whole: they may end up in a script.
Table alert_table(const std::vector<Json>& alerts, const TimeZone& zone, bool short_ids) {
  Table table({{"id", false, false},
               {"severity", false, false},
               {fmt::format("created ({})", zone.name()), false, false},
               {"title"},
               {"host"},
               {"events", true, false},
               {"status", false, false}});
  for (const Json& alert : alerts) {
    const std::string host = alert.text_of("hostname");
    const std::string created = time_of(alert, "created", zone);
    const std::string id = alert.text_of("id");
    table.add_row({{short_ids ? id.substr(0, kShownIdSize) : id},
                   severity_cell(alert.integer_of("severity").value_or(0)),
                   {short_ids ? created.substr(0, created.find('.')) : created},
                   {alert.text_of("title")},
                   {host.empty() ? alert.text_of("agent_id") : host},
                   {alert.text_of("event_count")},
                   {alert.text_of("status")}});
  }
  return table;
}

Result<ExitCode> run_list(const AlertOptions& options, Io& io) {
  Result<Opened> opened = open(options, io);
  if (!opened) return std::unexpected(opened.error());
  std::string path = fmt::format("/v1/alerts?limit={}", options.limit);
  if (options.status != "all") path += "&status=" + options.status;
  if (!options.severity.empty()) path += "&severity=" + options.severity;
  if (!options.rule.empty()) path += "&rule_id=" + percent_encode(options.rule);
  const Result<Json> answer = opened->connection.get(path);
  if (!answer) return std::unexpected(answer.error());
  const Json* alerts = answer->find("alerts");
  if (alerts == nullptr) return fail(ErrorCode::unavailable, "the server's answer holds no alerts");
  if (options.view.output != "table") {
    print_items(io, alerts->items, options.view.output);
  } else if (alerts->items.empty()) {
    io.err << (options.status == "open" ? "no open alerts; --status all shows dismissed ones too\n" : "no alerts\n");
  } else {
    Table table = alert_table(alerts->items, opened->zone, io.terminal.columns != 0);
    print_table(io, table);
  }
  if (!answer->text_of("cursor").empty()) {
    io.out.flush();
    io.err << fmt::format("(the newest {}; there are more: --limit N)\n", count_of(alerts->items.size(), "alert"));
  }
  return ExitCode::fine;
}

void print_alert(Io& io, const Json& alert, const TimeZone& zone) {
  const auto line = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) io.out << fmt::format("{:<12}{}\n", name, printable(value));
  };
  const TableCell severity = severity_cell(alert.integer_of("severity").value_or(0));
  io.out << styled(printable(alert.text_of("title")), Style::bold, io.terminal.colour) << "\n\n";
  io.out << fmt::format("{:<12}{}\n", "severity", styled(severity.text, severity.style, io.terminal.colour));
  line("id", alert.text_of("id"));
  line("rule", alert.text_of("rule_id"));
  line("host", alert.text_of("hostname"));
  line("agent", alert.text_of("agent_id"));
  line("first event", time_of(alert, "event_time", zone) + " " + zone.name());
  line("created", time_of(alert, "created", zone) + " " + zone.name());
  line("tags", alert.text_of("tags"));
  line("status", alert.text_of("status"));
  if (const Json* dismissal = alert.find("dismissal"); dismissal != nullptr && !dismissal->members.empty()) {
    line("dismissed", fmt::format("{} by {}, {} {}", dismissal->text_of("reason"), dismissal->text_of("by"),
                                  time_of(*dismissal, "at", zone), zone.name()));
    line("", dismissal->text_of("text"));
  }
}

Result<std::vector<Json>> events_of(Connection& connection, const std::string& path) {
  const Result<Json> answer = connection.get(path + "/events");
  if (!answer) return std::unexpected(answer.error());
  const Json* events = answer->find("events");
  if (events == nullptr) return fail(ErrorCode::unavailable, "the server's answer holds no events");
  return events->items;
}

Result<ExitCode> run_show(const AlertOptions& options, Io& io) {
  Result<Opened> opened = open(options, io);
  if (!opened) return std::unexpected(opened.error());
  const Result<std::string> path = path_of(opened->connection, options);
  if (!path) return std::unexpected(path.error());
  const Result<Json> alert = opened->connection.get(*path);
  if (!alert) return std::unexpected(alert.error());
  if (options.view.output != "table") {
    print_json_line(io, alert->raw);
    return ExitCode::fine;
  }
  const Result<std::vector<Json>> events = events_of(opened->connection, *path);
  if (!events) return std::unexpected(events.error());
  print_alert(io, *alert, opened->zone);
  io.out << fmt::format("\n{}:\n", count_of(events->size(), "event"));
  Table table = event_table(*events, {}, opened->zone);
  print_table(io, table);
  if (const std::string agent = alert->text_of("agent_id"); !agent.empty()) {
    const std::int64_t time_ms = alert->integer_of("event_time").value_or(0);
    io.out << fmt::format("\nAround it: sightline search 'agent_id = \"{}\"' --from {} --to {}\n", printable(agent),
                          time_ms - 300'000, time_ms + 300'000);
  }
  return ExitCode::fine;
}

Result<ExitCode> run_events(const AlertOptions& options, Io& io) {
  Result<Opened> opened = open(options, io);
  if (!opened) return std::unexpected(opened.error());
  const Result<std::string> path = path_of(opened->connection, options);
  if (!path) return std::unexpected(path.error());
  const Result<std::vector<Json>> events = events_of(opened->connection, *path);
  if (!events) return std::unexpected(events.error());
  if (options.view.output != "table") {
    print_items(io, *events, options.view.output);
  } else {
    Table table = event_table(*events, {}, opened->zone);
    print_table(io, table);
  }
  return ExitCode::fine;
}

Result<ExitCode> change_status(const AlertOptions& options, Io& io, const std::string& body) {
  Result<Opened> opened = open(options, io);
  if (!opened) return std::unexpected(opened.error());
  const Result<std::string> path = path_of(opened->connection, options);
  if (!path) return std::unexpected(path.error());
  const Result<Json> alert = opened->connection.change("PATCH", *path, body);
  if (!alert) return std::unexpected(alert.error());
  io.out << fmt::format("{} is {}: {}\n", printable(alert->text_of("id")), printable(alert->text_of("status")),
                        printable(alert->text_of("title")));
  return ExitCode::fine;
}

Result<ExitCode> run_dismiss(const AlertOptions& options, Io& io) {
  const std::optional<alerts::DismissReason> reason = alerts::parse_dismiss_reason(options.reason);
  if (!reason) {
    return fail(ErrorCode::invalid_input,
                fmt::format("\"{}\" is no reason; use business_op, company_policy, maintenance "
                            "or other",
                            options.reason));
  }
  if (*reason == alerts::DismissReason::other && options.text.empty()) {
    return fail(ErrorCode::invalid_input, "the reason other needs --text saying which");
  }
  std::string body = R"({"status":"dismissed","reason":)";
  append_json_string(body, alerts::to_string(*reason));
  body += R"(,"text":)";
  append_json_string(body, options.text);
  return change_status(options, io, body + "}");
}

Command& add_one(Command& alerts, const Shared& options, std::string name, std::string purpose) {
  Command& command = alerts.add(std::move(name), std::move(purpose));
  command.positional("ID", options->id, "The alert; the first digits of its id are enough").required();
  return command;
}

void add_list(Command& alerts, const Shared& options, Io& io) {
  Command& list = alerts.add("list", "Alerts, the newest first");
  list.choice("--status", options->status, {"open", "dismissed", "all"}, "Which ones [open]")
      .choice("--severity", options->severity, {"1", "2", "3"}, "Only these: 1 high, 2 medium, 3 low")
      .option("--rule", "ID", options->rule, "Only those of this rule")
      .option("-n,--limit", "N", options->limit, 1, 1000, "At most so many [100]");
  add_view_options(list, options->view);
  add_connection_options(list, options->connection);
  list.examples("Examples:\n  sightline alerts list --severity 1\n  sightline alerts list --status all --output ndjson")
      .action([options, &io] { return run_list(*options, io); });
}

}  // namespace

void add_alerts(Command& program, Io& io) {
  const auto options = std::make_shared<AlertOptions>();
  Command& alerts = program.add("alerts", "List, read, dismiss and reopen alerts");
  alerts.examples(
      "Examples:\n  sightline alerts list\n  sightline alerts show 0d5bdb8f2d0fbd5c1d5dbb9c0cf7ae2f\n"
      "  sightline alerts dismiss 0d5bdb8f2d0fbd5c1d5dbb9c0cf7ae2f --reason maintenance --text 'kernel update'");
  add_list(alerts, options, io);

  Command& show = add_one(alerts, options, "show", "One alert with its events");
  add_view_options(show, options->view);
  add_connection_options(show, options->connection);
  show.examples("Example:\n  sightline alerts show 0d5bdb8f2d0fbd5c1d5dbb9c0cf7ae2f --time-zone UTC")
      .action([options, &io] { return run_show(*options, io); });

  Command& events = add_one(alerts, options, "events", "The events that an alert is about, whole");
  add_view_options(events, options->view);
  add_connection_options(events, options->connection);
  events.examples("Example:\n  sightline alerts events 0d5bdb8f2d0fbd5c1d5dbb9c0cf7ae2f --output ndjson")
      .action([options, &io] { return run_events(*options, io); });

  Command& dismiss = add_one(alerts, options, "dismiss", "Close an alert, with a reason");
  dismiss.option("--reason", "REASON", options->reason, "business_op, company_policy, maintenance or other")
      .required()
      .option("--text", "TEXT", options->text, "What happened, for whoever reads it later");
  add_connection_options(dismiss, options->connection);
  dismiss.examples("Example:\n  sightline alerts dismiss 0d5bdb8f2d0fbd5c1d5dbb9c0cf7ae2f --reason maintenance")
      .action([options, &io] { return run_dismiss(*options, io); });

  Command& reopen = add_one(alerts, options, "reopen", "Open a dismissed alert again");
  add_connection_options(reopen, options->connection);
  reopen.examples("Example:\n  sightline alerts reopen 0d5bdb8f2d0fbd5c1d5dbb9c0cf7ae2f").action([options, &io] {
    return change_status(*options, io, R"({"status":"open"})");
  });
}

}  // namespace sightline::cli
