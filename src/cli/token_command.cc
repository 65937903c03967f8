// sightline token: who may do what.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <ostream>

#include "base/json_text.h"
#include "cli/all_commands.h"
#include "cli/client/connection.h"
#include "cli/view.h"

namespace sightline::cli {
namespace {

struct TokenOptions {
  ConnectionOptions connection;
  ViewOptions view;
  std::string name;
  std::vector<std::string> scopes;
  std::string agent_id;
  std::string source;
  std::string id;
  // Empty: not given.
  std::string requests_per_s;
  std::string bytes_per_s;
  std::string events_per_day;
};

using Shared = std::shared_ptr<TokenOptions>;

// ,"requests_per_s":5 and so on, of those given.
Result<std::string> quota_members(const TokenOptions& options) {
  std::string members;
  for (const auto& [name, text] :
       {std::pair<std::string_view, const std::string*>{"requests_per_s", &options.requests_per_s},
        {"bytes_per_s", &options.bytes_per_s},
        {"events_per_day", &options.events_per_day}}) {
    if (text->empty()) continue;
    const bool digits = text->size() <= 12 && std::ranges::all_of(*text, [](char c) { return c >= '0' && c <= '9'; });
    if (!digits) return fail(ErrorCode::invalid_input, fmt::format("'{}' is no number for {}", *text, name));
    members += fmt::format(R"(,"{}":{})", name, std::stoull(*text));
  }
  return members;
}

// Without the bracket that ends it.
std::string create_body(const TokenOptions& options) {
  std::string body = R"({"name":)";
  append_json_string(body, options.name);
  body += R"(,"scopes":[)";
  for (const std::string& scope : options.scopes) {
    if (!body.ends_with('[')) body += ',';
    append_json_string(body, scope);
  }
  body += ']';
  for (const auto& [name, value] :
       {std::pair<std::string_view, const std::string*>{"agent_id", &options.agent_id}, {"source", &options.source}}) {
    if (value->empty()) continue;
    body += fmt::format(R"(,"{}":)", name);
    append_json_string(body, *value);
  }
  return body;
}

// The secret alone on standard output, so that `sightline token create … > file` makes a token file.
Result<ExitCode> run_create(const TokenOptions& options, Io& io) {
  Result<Connection> connection = Connection::open(options.connection, io);
  if (!connection) return std::unexpected(connection.error());
  const Result<std::string> quota = quota_members(options);
  if (!quota) return std::unexpected(quota.error());
  const Result<Json> answer = connection->change("POST", "/v1/tokens", create_body(options) + *quota + "}");
  if (!answer) return std::unexpected(answer.error());
  const std::string secret = answer->text_of("secret");
  if (secret.empty()) return fail(ErrorCode::unavailable, "the server's answer holds no token");
  io.out << printable(secret) << '\n';
  io.out.flush();
  io.err << "This is the only time the token is shown; the server keeps its hash.\n";
  return ExitCode::fine;
}

// "5 requests/s, 1000 events/day", of those that there are.
std::string quota_text(const Json& token) {
  std::string text;
  for (const auto& [name, unit] :
       {std::pair("requests_per_s", "requests/s"), {"bytes_per_s", "bytes/s"}, {"events_per_day", "events/day"}}) {
    const std::string bound = token.text_of(name);
    if (!bound.empty()) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", bound, unit);
  }
  return text;
}

Result<ExitCode> run_list(const TokenOptions& options, Io& io) {
  Result<TimeZone> zone = TimeZone::named(options.view.time_zone);
  if (!zone) return std::unexpected(zone.error());
  Result<Connection> connection = Connection::open(options.connection, io);
  if (!connection) return std::unexpected(connection.error());
  const Result<Json> answer = connection->get("/v1/tokens");
  if (!answer) return std::unexpected(answer.error());
  const Json* tokens = answer->find("tokens");
  if (tokens == nullptr) return fail(ErrorCode::unavailable, "the server's answer holds no tokens");
  if (options.view.output != "table") {
    print_items(io, tokens->items, options.view.output);
    return ExitCode::fine;
  }
  const std::string in_zone = fmt::format(" ({})", zone->name());
  Table table({{"id", false, false},
               {"name"},
               {"scopes"},
               {"agent"},
               {"source"},
               {"quota"},
               {"created" + in_zone, false, false},
               {"last used" + in_zone, false, false},
               {"revoked" + in_zone, false, false}});
  for (const Json& token : tokens->items) {
    table.add_row({{token.text_of("id")},
                   {token.text_of("name")},
                   {token.text_of("scopes")},
                   {token.text_of("agent_id")},
                   {token.text_of("source")},
                   {quota_text(token)},
                   {time_of(token, "created", *zone)},
                   {time_of(token, "last_used", *zone)},
                   {time_of(token, "revoked", *zone), Style::red}});
  }
  print_table(io, table);
  return ExitCode::fine;
}

Result<ExitCode> run_limit(const TokenOptions& options, Io& io) {
  const Result<std::string> quota = quota_members(options);
  if (!quota) return std::unexpected(quota.error());
  if (quota->empty())
    return fail(ErrorCode::invalid_input, "say which: --requests-per-s, --bytes-per-s, --events-per-day");
  Result<Connection> connection = Connection::open(options.connection, io);
  if (!connection) return std::unexpected(connection.error());
  const Result<Json> answer =
      connection->change("PATCH", "/v1/tokens/" + percent_encode(options.id), "{" + quota->substr(1) + "}");
  if (!answer) return std::unexpected(answer.error());
  const std::string text = quota_text(*answer);
  io.out << fmt::format("{}: {}\n", printable(options.id), text.empty() ? "no quota" : text);
  return ExitCode::fine;
}

Result<ExitCode> run_revoke(const TokenOptions& options, Io& io) {
  Result<Connection> connection = Connection::open(options.connection, io);
  if (!connection) return std::unexpected(connection.error());
  const Result<Json> answer = connection->change("DELETE", "/v1/tokens/" + percent_encode(options.id), "");
  if (!answer) return std::unexpected(answer.error());
  io.out << fmt::format("{} is revoked\n", printable(options.id));
  return ExitCode::fine;
}

void add_quota_options(Command& command, const Shared& options) {
  command.option("--requests-per-s", "N", options->requests_per_s, "Quota of requests; 0: without one")
      .option("--bytes-per-s", "N", options->bytes_per_s, "Quota of bytes of ingest bodies; 0: without one")
      .option("--events-per-day", "N", options->events_per_day, "Quota of events from midnight UTC; 0: without one");
}

void add_create(Command& token, const Shared& options, Io& io) {
  Command& create = token.add("create", "Make a token and print it, once");
  create.option("--name", "NAME", options->name, "What it is for")
      .required()
      .option("--scope", "SCOPE", options->scopes,
              "What it may do, repeated: ingest, search, alerts_read, alerts_write, rules_read, rules_write, metrics, "
              "admin")
      .required()
      .option("--agent-id", "ID", options->agent_id, "May send for this agent only")
      .option("--source", "NAME", options->source, "May send as this source only");
  add_quota_options(create, options);
  add_connection_options(create, options->connection);
  create
      .examples(
          "Examples:\n  sightline token create --name web-1 --scope ingest --agent-id 436dd34c > web-1.token\n"
          "  sightline token create --name analyst --scope search --scope alerts_read")
      .action([options, &io] { return run_create(*options, io); });
}

}  // namespace

void add_token(Command& program, Io& io) {
  const auto options = std::make_shared<TokenOptions>();
  Command& token = program.add("token", "Make, list and revoke access tokens");
  token.examples("Examples:\n  sightline token list\n  sightline token create --name web-1 --scope ingest");
  add_create(token, options, io);
  Command& list = token.add("list", "All tokens, never their secrets");
  add_view_options(list, options->view);
  add_connection_options(list, options->connection);
  list.examples("Example:\n  sightline token list").action([options, &io] { return run_list(*options, io); });
  Command& limit = token.add("limit", "Change a token's quotas, from its next request on");
  limit.positional("ID", options->id, "The token, by the id that list shows").required();
  add_quota_options(limit, options);
  add_connection_options(limit, options->connection);
  limit.examples("Example:\n  sightline token limit 0d5bdb8f2d0fbd5c --bytes-per-s 1000000").action([options, &io] {
    return run_limit(*options, io);
  });
  Command& revoke = token.add("revoke", "End a token at once");
  revoke.positional("ID", options->id, "The token, by the id that list shows").required();
  add_connection_options(revoke, options->connection);
  revoke.examples("Example:\n  sightline token revoke 0d5bdb8f2d0fbd5c").action([options, &io] {
    return run_revoke(*options, io);
  });
}

}  // namespace sightline::cli
