// sightline query: what a query means, and whether it is one. Needs no server.
#include <fmt/format.h>

#include <memory>
#include <ostream>

#include "cli/all_commands.h"
#include "cli/terminal/terminal_text.h"
#include "query/checker.h"
#include "query/parser.h"
#include "query/text_form.h"

namespace sightline::cli {
namespace {

struct QueryOptions {
  std::string query;
};

// The checked query; where there is a mistake, it is shown with a caret and nullopt returned.
std::optional<query::Query> checked(const QueryOptions& options, Io& io) {
  auto parsed = query::parse(options.query);
  if (!parsed) {
    report(io, query::render(parsed.error(), options.query));
    return std::nullopt;
  }
  query::CheckContext context;
  context.now_ms = io.clock.now_ms();
  if (const auto done = query::check(*parsed, context); !done) {
    report(io, query::render(done.error(), options.query));
    return std::nullopt;
  }
  return std::move(*parsed);
}

Result<ExitCode> run_check(const QueryOptions& options, Io& io) {
  if (!checked(options, io)) return ExitCode::usage;
  io.out << "fine\n";
  return ExitCode::fine;
}

Result<ExitCode> run_explain(const QueryOptions& options, Io& io) {
  const std::optional<query::Query> query = checked(options, io);
  if (!query) return ExitCode::usage;
  io.out << printable(query::to_string(*query)) << "\n\n";
  const std::string tree = query::to_tree(*query);
  for (std::size_t begin = 0; begin < tree.size();) {
    const std::size_t end = std::min(tree.find('\n', begin), tree.size());
    io.out << printable(std::string_view(tree).substr(begin, end - begin)) << '\n';
    begin = end + 1;
  }
  return ExitCode::fine;
}

}  // namespace

void add_query(Command& program, Io& io) {
  const auto options = std::make_shared<QueryOptions>();
  Command& query = program.add("query", "Check and explain queries, without a server");
  query.examples("Example:\n  sightline query check 'user = \"root\" AND tty = null'");
  Command& check = query.add("check", "Is it a query? Mistakes are shown with a caret and a hint");
  check.positional("QUERY", options->query, "The query")
      .required()
      .examples(
          "Example:\n  sightline query check 'event_type = \"login\" | count by user'\n\n"
          "Paths that only the stored events know are refused here; the server accepts them.")
      .action([options, &io] { return run_check(*options, io); });
  Command& explain = query.add("explain", "In its normal spelling, and as the tree that is evaluated");
  explain.positional("QUERY", options->query, "The query")
      .required()
      .examples("Example:\n  sightline query explain 'ip = \"10.0.0.1\" and not user like \"svc-*\"'")
      .action([options, &io] { return run_explain(*options, io); });
}

}  // namespace sightline::cli
