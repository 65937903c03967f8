#include "cli/view.h"

#include <fmt/format.h>

#include <ostream>

namespace sightline::cli {

void add_view_options(Command& command, ViewOptions& options) {
  command.choice("-o,--output", options.output, {"table", "json", "ndjson"}, "How to show the answer [table]")
      .option("--time-zone", "ZONE", options.time_zone,
              "Zone of times shown and read: UTC, local or a name such as Europe/Berlin [local]");
}

TableLayout layout_of(const Io& io) { return {.width = io.terminal.columns, .colour = io.terminal.colour}; }

void print_table(Io& io, Table& table) {
  io.out << table.render(layout_of(io));
  io.out.flush();
  if (table.hidden_columns() > 0) {
    io.err << fmt::format("({} not shown: the terminal is too narrow; --output ndjson has everything)\n",
                          count_of(table.hidden_columns(), "column"));
  }
}

void print_items(Io& io, const std::vector<Json>& items, const std::string& output) {
  if (output == "ndjson") {
    for (const Json& item : items) print_json_line(io, item.raw);
    return;
  }
  io.out << '[';
  std::string_view separator = "\n";
  for (const Json& item : items) {
    io.out << separator;
    io.out << (io.terminal.out ? json_for_terminal(item.raw) : item.raw);
    separator = ",\n";
  }
  io.out << (items.empty() ? "]\n" : "\n]\n");
}

std::string time_of(const Json& object, std::string_view name, const TimeZone& zone) {
  const std::optional<std::int64_t> time_ms = object.integer_of(name);
  return time_ms ? zone.format(*time_ms) : object.text_of(name);
}

TableCell severity_cell(std::int64_t severity) {
  switch (severity) {
    case 1:
      return {"1 high", Style::red};
    case 2:
      return {"2 medium", Style::yellow};
    case 3:
      return {"3 low", Style::plain};
    default:
      return {std::to_string(severity), Style::plain};
  }
}

std::string format_count(std::uint64_t count) {
  std::string digits = std::to_string(count);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string count_of(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", format_count(count), noun, count == 1 ? "" : "s");
}

}  // namespace sightline::cli
