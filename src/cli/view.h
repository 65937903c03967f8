// How answers are shown: as tables for people or as JSON for programs, with times in one zone.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "cli/client/json.h"
#include "cli/terminal/command.h"
#include "cli/terminal/io.h"
#include "cli/terminal/table.h"
#include "cli/terminal/time_text.h"

namespace sightline::cli {

struct ViewOptions {
  std::string output = "table";  // table | json | ndjson
  std::string time_zone;         // empty: the machine's
};

// --output and --time-zone.
void add_view_options(Command& command, ViewOptions& options);

TableLayout layout_of(const Io& io);

// Prints the table, and a note on standard error where columns did not fit.
void print_table(Io& io, Table& table);

// Items as ndjson (one a line) or json (one array).
void print_items(Io& io, const std::vector<Json>& items, const std::string& output);

// The time as text; empty where the value is missing.
std::string time_of(const Json& object, std::string_view name, const TimeZone& zone);

// 1 high, 2 medium, 3 low.
TableCell severity_cell(std::int64_t severity);

// 1234567 as "1,234,567".
std::string format_count(std::uint64_t count);
// "1 event", "2 events".
std::string count_of(std::uint64_t count, std::string_view noun);

}  // namespace sightline::cli
