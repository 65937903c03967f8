// sightlined token: tokens of a data directory, without a server.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "event/time.h"
#include "server/commands/command.h"
#include "server/commands/data_directory.h"

namespace sightline::commands {

namespace {

constexpr std::string_view kPrincipal = "command line of sightlined";

struct TokenOptions {
  std::string data;
  std::string name;
  std::vector<std::string> scopes;
  std::string agent_id;
  std::string source;
  std::string id;
};

Result<OpenData> open_existing(const TokenOptions& options) {
  const auto directory = find_data_directory(options.data);
  if (!directory) return std::unexpected(directory.error());
  return open_control(*directory, "sightlined token");
}

int create(const TokenOptions& options) {
  control::TokenSpec spec{.name = options.name, .scopes = {}, .agent_id = options.agent_id, .source = options.source};
  for (const std::string& text : options.scopes) {
    const auto scope = control::parse_scope(text);
    if (!scope) return report({ErrorCode::invalid_input, fmt::format("there is no scope '{}'", text)});
    spec.scopes.add(*scope);
  }
  const auto data = open_existing(options);
  if (!data) return report(data.error());
  const auto created = data->control->tokens().create(spec, kPrincipal, SystemClock().now_ms());
  if (!created) return report(created.error());
  fmt::print(stderr, "token {} for {}; this is the only time its secret is shown:\n", created->token.id, spec.name);
  fmt::print("{}\n", created->secret);
  return kFine;
}

int list(const TokenOptions& options) {
  const auto data = open_existing(options);
  if (!data) return report(data.error());
  const auto tokens = data->control->tokens().list();
  if (!tokens) return report(tokens.error());
  for (const control::Token& token : *tokens) {
    std::vector<std::string_view> scopes;
    for (const control::Scope scope : token.spec.scopes.list()) scopes.push_back(control::to_string(scope));
    fmt::print("{}  {}  {}  {}{}{}\n", token.id, format_iso8601(token.created_ms), fmt::join(scopes, ","),
               token.spec.name, token.spec.agent_id.empty() ? "" : "  agent " + token.spec.agent_id,
               token.revoked_ms ? "  revoked" : "");
  }
  return kFine;
}

int revoke(const TokenOptions& options) {
  const auto data = open_existing(options);
  if (!data) return report(data.error());
  const auto revoked = data->control->tokens().revoke(options.id, kPrincipal, SystemClock().now_ms());
  return revoked ? kFine : report(revoked.error());
}

}  // namespace

void add_token_command(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<TokenOptions>();
  CLI::App* command = app.add_subcommand("token", "Make, list and revoke tokens while no server runs");
  command->require_subcommand(1);
  const auto add = [&](const char* name, const char* what, int (*run)(const TokenOptions&)) {
    CLI::App* action = command->add_subcommand(name, what);
    action->add_option("--data", options->data, "The data directory; no server may be running on it")->required();
    action->callback([options, run, &exit_code] { exit_code = run(*options); });
    return action;
  };
  CLI::App* creating = add("create", "Make a token and print its secret", create);
  creating->add_option("--name", options->name, "What it is for")->required();
  creating
      ->add_option("--scope", options->scopes,
                   "ingest, search, alerts_read, alerts_write, rules_read, rules_write, metrics, admin; may be given "
                   "several times")
      ->required();
  creating->add_option("--agent-id", options->agent_id, "It may send for this agent only");
  creating->add_option("--source", options->source, "It may send as this source only");
  add("list", "List tokens, without their secrets", list);
  add("revoke", "Revoke a token", revoke)->add_option("id", options->id, "Its id, from list")->required();
  command->footer(
      "While a server runs, ask it instead: sightline token.\n\n"
      "Examples:\n"
      "  sightlined token create --data ./data --name shipper --scope ingest --agent-id web-1\n"
      "  sightlined token list --data ./data");
}

}  // namespace sightline::commands
