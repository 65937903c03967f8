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
  std::uint64_t limit = 100;
};

Result<ExitCode> run_list(const QuarantineOptions& options, Io& io) {
  Result<TimeZone> zone = TimeZone::named(options.view.time_zone);
  if (!zone) return std::unexpected(zone.error());
  Result<Connection> connection = Connection::open(options.connection, io);
  if (!connection) return std::unexpected(connection.error());
  std::string path = fmt::format("/v1/quarantine?limit={}", options.limit);
  if (!options.source.empty()) path += "&source=" + percent_encode(options.source);
  const Result<Json> answer = connection->get(path);
  if (!answer) return std::unexpected(answer.error());
  const Json* lines = answer->find("lines");
  if (lines == nullptr) return fail(ErrorCode::unavailable, "the server's answer holds no lines");
  if (options.view.output != "table") {
    print_items(io, lines->items, options.view.output);
    return ExitCode::fine;
  }
  if (lines->items.empty()) {
    io.err << "nothing is in the quarantine: all input could be decoded\n";
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
  return ExitCode::fine;
}

}  // namespace

void add_quarantine(Command& program, Io& io) {
  const auto options = std::make_shared<QuarantineOptions>();
  Command& quarantine = program.add("quarantine", "Input that could not be decoded");
  quarantine.examples("Example:\n  sightline quarantine list");
  Command& list = quarantine.add("list", "The lines with their errors, the newest first");
  list.option("--source", "NAME", options->source, "Only of this source")
      .option("-n,--limit", "N", options->limit, 1, 1000, "At most so many [100]");
  add_view_options(list, options->view);
  add_connection_options(list, options->connection);
  list.examples("Examples:\n  sightline quarantine list\n  sightline quarantine list --source cli --output ndjson")
      .action([options, &io] { return run_list(*options, io); });
}

}  // namespace sightline::cli
