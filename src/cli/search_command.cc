// sightline search: the stored events that a query matches.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <ostream>

#include "base/json_text.h"
#include "cli/all_commands.h"
#include "cli/client/connection.h"
#include "cli/event_table.h"
#include "cli/view.h"
#include "query/parser.h"

namespace sightline::cli {
namespace {

struct SearchOptions {
  ConnectionOptions connection;
  ViewOptions view;
  std::string query;
  std::string from;
  std::string to;
  std::uint64_t limit = 0;  // 0: not given
  bool all = false;
  bool count = false;
  std::string fields;
};

constexpr std::uint64_t kPageEvents = 1000;  // of --all
constexpr std::uint64_t kDefaultLimit = 100;

constexpr std::string_view kExamples = R"(Examples:
  sightline search 'event_type = "login"' --from now-1h
  sightline search 'agent_id = "436dd34c-f795-11ea-a752-21e3e3eb7c50" AND event_time >= 1600362902289'
  sightline search 'event_type = "cloudtrail" | count by eventName' --time-zone UTC
  sightline search 'command = "sudo"' --fields event_time,hostname,user,arguments
  sightline search 'type = "connect"' --all --output ndjson > connections.ndjson

The query language: docs/query-language.md. sightline query check 'QUERY' checks a query without a server.)";

struct Range {
  std::optional<std::int64_t> from_ms;
  std::optional<std::int64_t> to_ms;
};

Result<Range> parse_range(const SearchOptions& options, const TimeZone& zone, std::int64_t now_ms) {
  Range range;
  for (const auto& [text, bound] : {std::pair{&options.from, &range.from_ms}, {&options.to, &range.to_ms}}) {
    if (text->empty()) continue;
    Result<std::int64_t> time_ms = zone.parse(*text, now_ms);
    if (!time_ms) return std::unexpected(time_ms.error());
    *bound = *time_ms;
  }
  if (range.from_ms && range.to_ms && *range.from_ms >= *range.to_ms) {
    return fail(ErrorCode::invalid_input, "--from must be earlier than --to");
  }
  return range;
}

std::string request_body(const SearchOptions& options, const Range& range, std::uint64_t limit,
                         const std::string& cursor) {
  std::string body = R"({"query":)";
  append_json_string(body, options.count ? options.query + " | count" : options.query);
  if (range.from_ms) body += fmt::format(R"(,"from":{})", *range.from_ms);
  if (range.to_ms) body += fmt::format(R"(,"to":{})", *range.to_ms);
  body += fmt::format(R"(,"limit":{})", limit);
  if (!options.view.time_zone.empty() && options.view.time_zone != "local") {
    body += R"(,"time_zone":)";
    append_json_string(body, options.view.time_zone);
  }
  if (!cursor.empty()) {
    body += R"(,"cursor":)";
    append_json_string(body, cursor);
  }
  return body + "}";
}

std::vector<std::string> split_names(std::string_view list) {
  std::vector<std::string> names;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view name = list.substr(0, comma);
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    if (!name.empty()) names.emplace_back(name);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return names;
}

// What the query's own pipes say about how much of the answer is wanted. Of a query with a mistake, nothing: the server
// explains it.
struct Pipes {
  std::optional<std::uint64_t> limit;  // events; of a table that counts, the server applies it
  bool fields = false;
  bool sort = false;
};

Pipes pipes_of(std::string_view text) {
  Pipes pipes;
  const auto query = query::parse(text);
  if (!query) return pipes;
  for (const query::Stage& stage : query->stages) {
    if (const auto* limit = std::get_if<query::LimitStage>(&stage.node)) {
      pipes.limit = limit->limit;
    } else if (std::holds_alternative<query::FieldsStage>(stage.node)) {
      pipes.fields = true;
    } else if (std::holds_alternative<query::SortStage>(stage.node)) {
      pipes.sort = true;
    } else {
      return {};  // counting: the table is the answer, whole
    }
  }
  return pipes;
}

// How many events are wanted; nullopt: all there are.
std::optional<std::uint64_t> wanted_events(const SearchOptions& options, const Pipes& pipes) {
  std::optional<std::uint64_t> wanted = pipes.limit;
  if (options.all) return wanted;
  if (options.limit != 0) return std::min(options.limit, wanted.value_or(options.limit));
  return wanted.value_or(kDefaultLimit);
}

class Search {
 public:
  Search(const SearchOptions& options, Io& io, Connection connection, TimeZone zone, Range range)
      : options_(options),
        io_(io),
        connection_(std::move(connection)),
        zone_(std::move(zone)),
        range_(range),
        pipes_(pipes_of(options.query)),
        wanted_(wanted_events(options, pipes_)) {}

  Result<ExitCode> run() {
    std::string cursor;
    do {
      Result<Json> answer = connection_.search("/v1/search", request_body(options_, range_, page_limit(), cursor));
      if (!answer) return std::unexpected(answer.error());
      cursor = answer->text_of("cursor");
      if (const Json* removed = answer->find_path({"coverage", "removed"})) removed_ = *removed;
      if (answer->find("rows") != nullptr) {
        print_rows(*answer);
      } else {
        print_events(*answer);
      }
    } while (options_.all && !cursor.empty() && !has_enough() && io_.out);
    end(!cursor.empty());
    return ExitCode::fine;
  }

 private:
  bool has_enough() const { return wanted_ && shown_ >= *wanted_; }

  std::uint64_t page_limit() const {
    if (!options_.all) return *wanted_;
    const std::uint64_t left = wanted_ ? *wanted_ - shown_ : kPageEvents;
    return std::clamp<std::uint64_t>(left, 1, kPageEvents);
  }

  // Rows of `fields` are events, and come in pages as they do.
  bool rows_are_events() const { return pipes_.fields; }

  void print_rows(const Json& answer) {
    const std::vector<Json>& rows = answer.find("rows")->items;
    shown_ += rows.size();
    if (options_.view.output == "json" && options_.all && rows_are_events()) {
      for (const Json& row : rows) print_in_list(row_object(*answer.find("columns"), row));
    } else if (options_.view.output == "json") {
      print_json_line(io_, answer.raw);
    } else if (options_.view.output == "ndjson") {
      for (const Json& row : rows) print_json_line(io_, row_object(*answer.find("columns"), row));
    } else if (options_.count && rows.size() == 1 && rows[0].items.size() == 1) {
      io_.out << rows[0].items[0].as_text() << '\n';
    } else if (!rows.empty()) {
      Table table = aggregate_table(answer, zone_);
      print_table(io_, table);
    }
    is_table_ = !rows_are_events();
  }

  // One element of the JSON list that the pages of --all make up.
  void print_in_list(const std::string& object) {
    io_.out << (first_ ? "[\n" : ",\n") << (io_.terminal.out ? json_for_terminal(object) : object);
    first_ = false;
  }

  static std::string row_object(const Json& columns, const Json& row) {
    std::string object = "{";
    for (std::size_t i = 0; i < columns.items.size() && i < row.items.size(); ++i) {
      if (i != 0) object += ',';
      append_json_string(object, columns.items[i].as_text());
      object += ':';
      const Json& value = row.items[i];
      if (value.kind == Json::Kind::string) {
        append_json_string(object, value.text);
      } else {
        object += value.kind == Json::Kind::null ? "null" : value.as_text();
      }
    }
    return object + "}";
  }

  void print_events(const Json& answer) {
    const Json* events = answer.find("events");
    if (events == nullptr) return;
    shown_ += events->items.size();
    if (options_.view.output == "json" && options_.all) {
      for (const Json& event : events->items) print_in_list(event.raw);
    } else if (options_.view.output == "json") {
      print_json_line(io_, answer.raw);
    } else if (options_.view.output == "ndjson") {
      print_items(io_, events->items, "ndjson");
    } else if (!events->items.empty()) {
      Table table = event_table(events->items, split_names(options_.fields), zone_);
      print_table(io_, table);
    }
  }

  void end(bool more) {
    if (options_.view.output == "json" && options_.all && !is_table_) io_.out << (first_ ? "[]\n" : "\n]\n");
    io_.out.flush();
    if (shown_ == 0 && options_.view.output == "table") say_nothing_found();
    say_removed();
    // Also where standard output is a file: a part must not pass for the whole. Whoever asked for N by a pipe has N.
    const bool asked_for = pipes_.limit && shown_ >= *pipes_.limit;
    if (!more || options_.all || asked_for) return;
    io_.err << fmt::format("(the {} {}; there are more: --limit N, --all, or a narrower time)\n",
                           pipes_.sort ? "first" : "newest", count_of(shown_, is_table_ ? "row" : "event"));
  }

  void say_nothing_found() {
    const auto bound = [&](const std::optional<std::int64_t>& time_ms, std::string_view otherwise) {
      return time_ms ? zone_.format_with_offset(*time_ms) : std::string(otherwise);
    };
    io_.err << fmt::format("no event matches; searched from {} to {}\n", bound(range_.from_ms, "the oldest"),
                           bound(range_.to_ms, "the newest"));
    if (range_.from_ms || range_.to_ms) io_.err << "  hint: widen --from and --to\n";
    say_quarantined();
  }

  // What retention removed cannot be found, wherever the search reaches back that far.
  void say_removed() {
    if (!removed_) return;
    const auto before_ms = removed_->integer_of("received_before");
    if (!before_ms || (range_.from_ms && *range_.from_ms >= *before_ms)) return;
    io_.err << fmt::format("note: what was received before {} was removed by retention: {}\n",
                           zone_.format_with_offset(*before_ms),
                           count_of(static_cast<std::uint64_t>(removed_->integer_of("events").value_or(0)), "event"));
  }

  // What could not be decoded cannot be found either.
  void say_quarantined() {
    const Result<Json> quarantine = connection_.get("/v1/quarantine?limit=1");
    if (!quarantine) return;  // a token that may only search
    std::uint64_t rejected = 0;
    const Json* counts = quarantine->find("counts");
    for (const Json& count : counts != nullptr ? counts->items : std::vector<Json>()) {
      rejected += static_cast<std::uint64_t>(std::max<std::int64_t>(count.integer_of("rejected").value_or(0), 0));
    }
    if (rejected == 0) return;
    io_.err << fmt::format(
        "  note: {} could not be decoded so far and cannot be found; see sightline quarantine list\n",
        count_of(rejected, "input line"));
  }

  const SearchOptions& options_;
  Io& io_;
  Connection connection_;
  TimeZone zone_;
  Range range_;
  Pipes pipes_;
  std::optional<std::uint64_t> wanted_;
  std::uint64_t shown_ = 0;
  std::optional<Json> removed_;  // what the server says of it
  bool is_table_ = false;        // the answer counts events rather than showing them
  bool first_ = true;
};

Result<ExitCode> run_search(const SearchOptions& options, Io& io) {
  Result<TimeZone> zone = TimeZone::named(options.view.time_zone);
  if (!zone) return std::unexpected(zone.error());
  Result<Range> range = parse_range(options, *zone, io.clock.now_ms());
  if (!range) return std::unexpected(range.error());
  Result<Connection> connection = Connection::open(options.connection, io);
  if (!connection) return std::unexpected(connection.error());
  return Search(options, io, std::move(*connection), std::move(*zone), *range).run();
}

}  // namespace

void add_search(Command& program, Io& io) {
  const auto options = std::make_shared<SearchOptions>();
  Command& command = program.add("search", "Search stored events");
  command.positional("QUERY", options->query, "What to look for; pipes such as | count by user aggregate")
      .required()
      .option("--from", "TIME", options->from, "Only events at or after it: 2020-09-17T18:15, now-1h, 2d, milliseconds")
      .option("--to", "TIME", options->to, "Only events before it")
      .option("-n,--limit", "N", options->limit, 1, 10'000, "At most so many events, the newest first [100]")
      .flag("--all", options->all, "All events, page by page")
      .flag("--count", options->count, "Only how many there are")
      .option("--fields", "NAMES", options->fields, "Columns of the table, by name: event_time,user,arguments");
  add_view_options(command, options->view);
  add_connection_options(command, options->connection);
  command.examples(kExamples).action([options, &io] { return run_search(*options, io); });
}

}  // namespace sightline::cli
