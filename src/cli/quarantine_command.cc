// sightline quarantine: input that could not be decoded.
#include <fmt/format.h>

#include <memory>
#include <ostream>

#include "cli/all_commands.h"
#include "cli/client/connection.h"
#include "cli/view.h"

namespace sightline::cli {
namespace {

struct QuarantineOptions {
  ConnectionOptions connection;
  ViewOptions view;
  std::string source;
  std::string principal;
  std::string format;
  std::string reason;
  std::string from;
  std::string to;
  std::string before;
  std::uint64_t limit = 100;
};

Result<ExitCode> run_list(const QuarantineOptions& options, Io& io) {
  Result<TimeZone> zone = TimeZone::named(options.view.time_zone);
  if (!zone) return std::unexpected(zone.error());
  Result<Connection> connection = Connection::open(options.connection, io);
  if (!connection) return std::unexpected(connection.error());
  std::string path = fmt::format("/v1/quarantine?limit={}", options.limit);
  for (const auto& [name, value] : {std::pair<std::string_view, const std::string*>{"source", &options.source},
                                    {"principal", &options.principal},
                                    {"format", &options.format},
                                    {"reason", &options.reason},
                                    {"from", &options.from},
                                    {"to", &options.to},
                                    {"before", &options.before}}) {
    if (!value->empty()) path += fmt::format("&{}={}", name, percent_encode(*value));
  }
  const Result<Json> answer = connection->get(path);
  if (!answer) return std::unexpected(answer.error());
  const Json* lines = answer->find("lines");
  if (lines == nullptr) return fail(ErrorCode::unavailable, "the server's answer holds no lines");
  if (options.view.output != "table") {
    print_items(io, lines->items, options.view.output);
    return ExitCode::fine;
  }
  if (lines->items.empty()) {
    const bool narrowed = path.find('&') != std::string::npos;
    io.err << (narrowed ? "nothing in the quarantine is like that\n"
                        : "nothing is in the quarantine: all input could be decoded\n");
    return ExitCode::fine;
  }
  Table table({{fmt::format("received ({})", zone->name()), false, false},
               {"source"},
               {"format", false, false},
               {"batch", true, false},
               {"line", true, false},
               {"error"},
               {"input"}});
  for (const Json& line : lines->items) {
    table.add_row({{time_of(line, "received_time", *zone)},
                   {line.text_of("source")},
                   {line.text_of("format")},
                   {line.text_of("batch")},
                   {line.text_of("line")},
                   {line.text_of("error")},
                   {line.text_of("text")}});
  }
  print_table(io, table);
  if (const std::string next = answer->text_of("before"); !next.empty()) {
    io.err << fmt::format("there may be more: --before {}\n", printable(next));
  }
  return ExitCode::fine;
}

}  // namespace

void add_quarantine(Command& program, Io& io) {
  const auto options = std::make_shared<QuarantineOptions>();
  Command& quarantine = program.add("quarantine", "Input that could not be decoded");
  quarantine.examples("Example:\n  sightline quarantine list");
  Command& list = quarantine.add("list", "The lines with their errors, the newest first");
  list.option("--source", "NAME", options->source, "Only of this source")
      .option("--principal", "NAME", options->principal, "Only of this sender, such as token:ID or agent:ID")
      .option("--format", "NAME", options->format, "Only of this format")
      .option("--reason", "TEXT", options->reason, "Only where the error has this part")
      .option("--from", "TIME", options->from, "Received at this time or later")
      .option("--to", "TIME", options->to, "Received before this time")
      .option("--before", "N", options->before, "The next page, as the last one named it")
      .option("-n,--limit", "N", options->limit, 1, 1000, "At most so many [100]");
  add_view_options(list, options->view);
  add_connection_options(list, options->connection);
  list.examples(
          "Examples:\n  sightline quarantine list\n  sightline quarantine list --source cli --output ndjson\n"
          "  sightline quarantine list --reason 'not JSON' --from now-1h")
      .action([options, &io] { return run_list(*options, io); });
}

}  // namespace sightline::cli
