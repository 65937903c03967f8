// sightline agents: who sends, and the tags by which rulesets name hosts.
#include <fmt/format.h>

#include <memory>
#include <ostream>

#include "base/json_text.h"
#include "cli/all_commands.h"
#include "cli/client/connection.h"
#include "cli/view.h"

namespace sightline::cli {
namespace {

struct AgentOptions {
  ConnectionOptions connection;
  std::string output = "table";
  std::string id;
  std::vector<std::string> tags;
};

std::string joined(const Json* tags) {
  std::string text;
  if (tags == nullptr) return text;
  for (const Json& tag : tags->items) text += (text.empty() ? "" : ", ") + tag.as_text();
  return text;
}

Result<ExitCode> run_list(const AgentOptions& options, Io& io) {
  Result<Connection> connection = Connection::open(options.connection, io);
  if (!connection) return std::unexpected(connection.error());
  const Result<Json> answer = connection->get("/v1/agents");
  if (!answer) return std::unexpected(answer.error());
  const Json* agents = answer->find("agents");
  if (agents == nullptr) return fail(ErrorCode::unavailable, "the server's answer holds no agents");
  if (options.output != "table") {
    print_items(io, agents->items, options.output);
    return ExitCode::fine;
  }
  Table table({{"agent", false, false}, {"host"}, {"events", true, false}, {"tags"}});
  for (const Json& agent : agents->items) {
    table.add_row({{agent.text_of("agent_id")},
                   {agent.text_of("hostname")},
                   {agent.text_of("events")},
                   {joined(agent.find("tags"))}});
  }
  if (!table.empty()) print_table(io, table);
  return ExitCode::fine;
}

Result<ExitCode> run_tag(const AgentOptions& options, Io& io) {
  Result<Connection> connection = Connection::open(options.connection, io);
  if (!connection) return std::unexpected(connection.error());
  std::string body = R"({"tags":[)";
  for (const std::string& tag : options.tags) {
    if (!body.ends_with('[')) body += ',';
    append_json_string(body, tag);
  }
  const Result<Json> answer = connection->change("PATCH", "/v1/agents/" + percent_encode(options.id), body + "]}");
  if (!answer) return std::unexpected(answer.error());
  const std::string tags = joined(answer->find("tags"));
  io.out << fmt::format("{}: {}\n", printable(options.id), tags.empty() ? "no tags" : printable(tags));
  return ExitCode::fine;
}

}  // namespace

void add_agents(Command& program, Io& io) {
  const auto options = std::make_shared<AgentOptions>();
  Command& agents = program.add("agents", "Who sends, and the tags by which rulesets name hosts");
  agents.examples("Examples:\n  sightline agents list\n  sightline agents tag 436dd34c --tag prod --tag web");
  Command& list = agents.add("list", "All agents, with their hosts, events and tags");
  list.choice("-o,--output", options->output, {"table", "json", "ndjson"}, "How to show them [table]");
  add_connection_options(list, options->connection);
  list.examples("Example:\n  sightline agents list").action([options, &io] { return run_list(*options, io); });
  Command& tag = agents.add("tag", "Set an agent's tags: these instead of those it had");
  tag.positional("ID", options->id, "The agent").required();
  tag.option("--tag", "TAG", options->tags, "A tag, repeated; none: take all away");
  add_connection_options(tag, options->connection);
  tag.examples("Example:\n  sightline agents tag 436dd34c --tag prod --tag web").action([options, &io] {
    return run_tag(*options, io);
  });
}

}  // namespace sightline::cli
