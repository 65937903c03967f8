// sightline status: is the server there, and how is it.
#include <fmt/format.h>

#include <memory>
#include <ostream>

#include "cli/all_commands.h"
#include "cli/client/connection.h"
#include "cli/view.h"

namespace sightline::cli {
namespace {

struct StatusOptions {
  ConnectionOptions connection;
  std::string output = "text";
};

// "events_stored" as "events stored"; what is nested is told as "store: events".
void print_members(Io& io, const Json& object, const std::string& prefix) {
  for (const auto& [name, value] : object.members) {
    std::string label = prefix.empty() ? name : prefix + " " + name;
    for (char& c : label) {
      if (c == '_') c = ' ';
    }
    if (value.kind == Json::Kind::object) {
      print_members(io, value, label);
      continue;
    }
    const std::optional<std::int64_t> number = value.as_integer();
    const std::string text =
        number && *number >= 0 ? format_count(static_cast<std::uint64_t>(*number)) : value.as_text();
    io.out << fmt::format("{:<24} {}\n", printable(label), printable(text));
  }
}

Result<ExitCode> run_status(const StatusOptions& options, Io& io) {
  Result<Connection> connection = Connection::open(options.connection, io);
  if (!connection) return std::unexpected(connection.error());
  const Result<HttpResponse> health = connection->send({}, "/healthz");
  if (!health) return std::unexpected(health.error());
  const Result<HttpResponse> ready = connection->send({}, "/readyz");
  if (!ready) return std::unexpected(ready.error());
  const bool fine = health->status == 200 && ready->status == 200;
  const Result<Json> details = connection->get("/v1/statistics");
  if (options.output == "json") {
    print_json_line(io, fmt::format(R"({{"healthy":{},"ready":{},"status":{}}})", health->status == 200,
                                    ready->status == 200, details ? details->raw : "null"));
  } else {
    io.out << fmt::format("{:<24} {}\n", "server", connection->server());
    const TableCell state = fine ? TableCell{"ready", Style::green} : TableCell{"not ready", Style::red};
    io.out << fmt::format("{:<24} {}\n", "state", styled(state.text, state.style, io.terminal.colour));
    if (details) {
      print_members(io, *details, {});
    } else {
      io.out.flush();
      report(io, "no figures: " + details.error().message);
    }
  }
  return fine ? ExitCode::fine : ExitCode::findings;
}

}  // namespace

void add_status(Command& program, Io& io) {
  const auto options = std::make_shared<StatusOptions>();
  Command& command = program.add("status", "Health and figures of the server");
  command.choice("-o,--output", options->output, {"text", "json"}, "How to show the answer [text]");
  add_connection_options(command, options->connection);
  command.examples("Examples:\n  sightline status\n  sightline status --server https://sightline.example.com")
      .action([options, &io] { return run_status(*options, io); });
}

}  // namespace sightline::cli
