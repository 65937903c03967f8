// sightline rules status, show, history, enable, disable, restore, remove: rules of a server.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <ostream>

#include "cli/all_commands.h"
#include "cli/opened.h"

namespace sightline::cli {
namespace {

struct ServerRulesOptions {
  ConnectionOptions connection;
  ViewOptions view;
  std::string id;
  std::string version;
};

using Shared = std::shared_ptr<ServerRulesOptions>;

std::string path_of(const ServerRulesOptions& options) { return "/v1/rules/" + percent_encode(options.id); }

// "12.5 %"; empty where it is nothing.
std::string share_text(const Json& statistics) {
  const double share = std::strtod(statistics.text_of("cpu_share").c_str(), nullptr);
  return share < 0.0005 ? "" : fmt::format("{:.1f} %", share * 100);
}

std::string state_text(const Json& rule) {
  const std::string reason = rule.text_of("reason");
  return reason.empty() ? rule.text_of("state") : fmt::format("{}: {}", rule.text_of("state"), reason);
}

Table status_table(const std::vector<Json>& rules, const std::vector<Json>& refused, const TimeZone& zone) {
  Table table({{"id"},
               {"title"},
               {"severity", false, false},
               {"origin", false, false},
               {"version", true, false},
               {"matches", true, false},
               {"suppressed", true, false},
               {fmt::format("last match ({})", zone.name()), false, false},
               {"CPU", true, false},
               {"state"}});
  for (const Json& rule : rules) {
    const Json* statistics = rule.find("statistics");
    const Json none;
    const Json& did = statistics == nullptr ? none : *statistics;
    table.add_row({{rule.text_of("id")},
                   {rule.text_of("title")},
                   severity_cell(rule.integer_of("severity").value_or(0)),
                   {rule.text_of("overrides").empty() ? rule.text_of("origin") : "override"},
                   {rule.text_of("version")},
                   {did.text_of("matches")},
                   {did.text_of("suppressed")},
                   {time_of(did, "last_match", zone)},
                   {share_text(did)},
                   {state_text(rule), rule.text_of("state") == "active" ? Style::plain : Style::yellow}});
  }
  for (const Json& rule : refused) {
    table.add_row(
        {{rule.text_of("id")},
         {},
         {},
         {},
         {},
         {},
         {},
         {},
         {},
         {fmt::format("refused: {}:{}: {}", rule.text_of("file"), rule.text_of("line"), rule.text_of("reason")),
          Style::red}});
  }
  return table;
}

Result<ExitCode> run_status(const ServerRulesOptions& options, Io& io) {
  Result<Opened> opened = open_view(options.connection, options.view, io);
  if (!opened) return std::unexpected(opened.error());
  const Result<Json> answer = opened->connection.get("/v1/rules");
  if (!answer) return std::unexpected(answer.error());
  const Json* rules = answer->find("rules");
  const Json* refused = answer->find("refused");
  if (rules == nullptr || refused == nullptr) return fail(ErrorCode::unavailable, "the server's answer holds no rules");
  if (options.view.output != "table") {
    std::vector<Json> all = rules->items;
    all.insert(all.end(), refused->items.begin(), refused->items.end());
    print_items(io, all, options.view.output);
  } else {
    Table table = status_table(rules->items, refused->items, opened->zone);
    if (!table.empty()) print_table(io, table);
  }
  const Json* not_taken = answer->find("not_taken");
  const std::vector<Json> waiting = not_taken == nullptr ? std::vector<Json>() : not_taken->items;
  io.out.flush();
  for (const Json& problem : waiting) {
    report(io, fmt::format("rule files changed and are not taken: {}:{}: {}", problem.text_of("file"),
                           problem.text_of("line"), problem.text_of("reason")));
  }
  return refused->items.empty() && waiting.empty() ? ExitCode::fine : ExitCode::findings;
}

void print_text(Io& io, std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    io.out << (io.terminal.out ? printable(text.substr(0, end)) : std::string(text.substr(0, end))) << '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void print_rule(Io& io, const Json& rule, const TimeZone& zone) {
  const auto line = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) io.out << fmt::format("{:<12}{}\n", name, printable(value));
  };
  io.out << styled(printable(rule.text_of("title")), Style::bold, io.terminal.colour) << "\n\n";
  line("id", rule.text_of("id"));
  line("severity", severity_cell(rule.integer_of("severity").value_or(0)).text);
  line("state", state_text(rule));
  if (rule.text_of("origin") == "file") line("file", rule.text_of("file") + ":" + rule.text_of("line"));
  if (!rule.text_of("version").empty()) {
    line("version", fmt::format("{}, {} {} by {}", rule.text_of("version"), time_of(rule, "changed", zone), zone.name(),
                                rule.text_of("changed_by")));
  }
  line("overrides", rule.text_of("overrides"));
  line("fingerprint", rule.text_of("fingerprint"));
  if (const Json* did = rule.find("statistics"); did != nullptr) {
    line("matches", did->text_of("matches"));
    line("suppressed", did->text_of("suppressed"));
    line("last match", time_of(*did, "last_match", zone));
    const std::string share = share_text(*did);
    line("CPU", fmt::format("{} s{}{}", did->text_of("cpu_seconds"), share.empty() ? "" : ", ", share));
  }
  line("filter", rule.text_of("filter"));
  if (const std::string text = rule.text_of("text"); !text.empty()) {
    io.out << '\n';
    print_text(io, text);
  }
}

Result<ExitCode> run_show(const ServerRulesOptions& options, Io& io) {
  Result<Opened> opened = open_view(options.connection, options.view, io);
  if (!opened) return std::unexpected(opened.error());
  const Result<Json> rule = opened->connection.get(path_of(options));
  if (!rule) return std::unexpected(rule.error());
  if (options.view.output == "table") {
    print_rule(io, *rule, opened->zone);
  } else {
    print_json_line(io, rule->raw);
  }
  return ExitCode::fine;
}

// All versions, the newest first.
Result<std::vector<Json>> versions_of(Connection& connection, const ServerRulesOptions& options) {
  std::vector<Json> all;
  std::string before;
  do {
    const Result<Json> answer =
        connection.get(path_of(options) + "/versions?limit=20" + (before.empty() ? "" : "&before=" + before));
    if (!answer) return std::unexpected(answer.error());
    const Json* versions = answer->find("versions");
    if (versions == nullptr) return fail(ErrorCode::unavailable, "the server's answer holds no versions");
    all.insert(all.end(), versions->items.begin(), versions->items.end());
    before = answer->text_of("before");
  } while (!before.empty());
  return all;
}

Result<ExitCode> run_history(const ServerRulesOptions& options, Io& io) {
  Result<Opened> opened = open_view(options.connection, options.view, io);
  if (!opened) return std::unexpected(opened.error());
  const Result<std::vector<Json>> versions = versions_of(opened->connection, options);
  if (!versions) return std::unexpected(versions.error());
  if (!options.version.empty()) {
    const auto found =
        std::ranges::find(*versions, options.version, [](const Json& v) { return v.text_of("version"); });
    if (found == versions->end()) {
      return fail(ErrorCode::not_found, fmt::format("no version {} is kept of {}", options.version, options.id));
    }
    print_text(io, found->text_of("text"));
    return ExitCode::fine;
  }
  if (options.view.output != "table") {
    print_items(io, *versions, options.view.output);
    return ExitCode::fine;
  }
  Table table({{"version", true, false},
               {fmt::format("made ({})", opened->zone.name()), false, false},
               {"by"},
               {"fingerprint"}});
  for (const Json& version : *versions) {
    const std::string fingerprint = version.text_of("fingerprint");
    table.add_row({{version.text_of("version")},
                   {time_of(version, "changed", opened->zone)},
                   {version.text_of("changed_by")},
                   {fingerprint.empty() ? "removed" : fingerprint}});
  }
  if (table.empty()) {
    io.err << "it stands in a file: no versions are kept of it\n";
  } else {
    print_table(io, table);
  }
  return ExitCode::fine;
}

// Sends a change and says `done` of the rule.
Result<ExitCode> change(const ServerRulesOptions& options, Io& io, const std::string& method, const std::string& path,
                        const std::string& body, std::string_view done) {
  Result<Connection> connection = Connection::open(options.connection, io);
  if (!connection) return std::unexpected(connection.error());
  const Result<Json> answer = connection->change(method, path, body);
  if (!answer) return std::unexpected(answer.error());
  const std::string version = answer->text_of("version");
  io.out << fmt::format("{} {}{}\n", printable(options.id), done, version.empty() ? "" : " as version " + version);
  return ExitCode::fine;
}

Result<ExitCode> run_restore(const ServerRulesOptions& options, Io& io) {
  const bool digits = !options.version.empty() && options.version.size() <= 12 &&
                      std::ranges::all_of(options.version, [](char c) { return c >= '0' && c <= '9'; });
  if (!digits) return fail(ErrorCode::invalid_input, fmt::format("'{}' is no version", options.version));
  return change(options, io, "POST", path_of(options) + "/restore",
                fmt::format(R"({{"version":{}}})", std::stoull(options.version)), "is restored");
}

Command& add_one(Command& rules, const Shared& options, std::string name, std::string purpose) {
  Command& command = rules.add(std::move(name), std::move(purpose));
  command.positional("ID", options->id, "The rule").required();
  return command;
}

void add_readers(Command& rules, const Shared& options, Io& io) {
  Command& status = rules.add("status", "Rules of a server: their states, what they did and cost");
  add_view_options(status, options->view);
  add_connection_options(status, options->connection);
  status
      .examples(
          "Examples:\n  sightline rules status\n  sightline rules status --output ndjson\n\n"
          "The exit code is 1 where the server refused a rule, or does not take rule files that changed.")
      .action([options, &io] { return run_status(*options, io); });
  Command& show = add_one(rules, options, "show", "A rule of a server, with its text where it is kept through the API");
  add_view_options(show, options->view);
  add_connection_options(show, options->connection);
  show.examples("Example:\n  sightline rules show tmp-exec").action([options, &io] { return run_show(*options, io); });
  Command& history = add_one(rules, options, "history", "The versions of a rule that is or was kept through the API");
  history.option("--version", "N", options->version, "Print the text of this version");
  add_view_options(history, options->view);
  add_connection_options(history, options->connection);
  history
      .examples(
          "Examples:\n  sightline rules history tmp-exec\n  sightline rules history tmp-exec --version 3 > "
          "tmp-exec.yaml")
      .action([options, &io] { return run_history(*options, io); });
}

void add_changers(Command& rules, const Shared& options, Io& io) {
  Command& enable = add_one(rules, options, "enable", "Switch a rule on again, also one that was set aside");
  add_connection_options(enable, options->connection);
  enable.examples("Example:\n  sightline rules enable tmp-exec").action([options, &io] {
    return change(*options, io, "PATCH", path_of(*options), R"({"enabled":true})", "is switched on");
  });
  Command& disable = add_one(rules, options, "disable", "Switch a rule off, from a file or kept through the API");
  add_connection_options(disable, options->connection);
  disable.examples("Example:\n  sightline rules disable tmp-exec").action([options, &io] {
    return change(*options, io, "PATCH", path_of(*options), R"({"enabled":false})", "is switched off");
  });
  Command& restore = add_one(rules, options, "restore", "Make an old version the newest");
  restore.positional("VERSION", options->version, "Which, as `rules history` shows it").required();
  add_connection_options(restore, options->connection);
  restore.examples("Example:\n  sightline rules restore tmp-exec 3").action([options, &io] {
    return run_restore(*options, io);
  });
  Command& remove = add_one(rules, options, "remove", "Keep a rule no longer; its versions stay");
  add_connection_options(remove, options->connection);
  remove.examples("Example:\n  sightline rules remove tmp-exec").action([options, &io] {
    return change(*options, io, "DELETE", path_of(*options), "", "is removed");
  });
}

}  // namespace

void add_rules_server(Command& rules, Io& io) {
  const auto options = std::make_shared<ServerRulesOptions>();
  add_readers(rules, options, io);
  add_changers(rules, options, io);
}

}  // namespace sightline::cli
