#include "agent/commands/options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "http_client/http_client.h"

namespace sightline::agent {
namespace {

// Formats whose events are single lines, so that a batch may end after any.
constexpr std::array<std::string_view, 3> kLineFormats = {"syslog", "ndjson", "laurel"};

}  // namespace

void add_state_option(cli::Command& command, std::string& directory) {
  command.option("--state-dir", "DIR", directory,
                 fmt::format("where the spool and the state are (default: {})", kDefaultStateDirectory));
}

void add_agent_options(cli::Command& command, AgentOptions& options) {
  command.config_file("/etc/sightline/agent.conf", "read options from this file (default: /etc/sightline/agent.conf)");
  command.group("Server");
  command.option("--server", "URL", options.server, "https://HOST:PORT of the server");
  command.option("--token-file", "FILE", options.token_file, "file with the token, read anew for each batch");
  command.option("--ca-file", "FILE", options.ca_file, "certificates to trust instead of the system's");
  command.group("This host");
  command.option("--agent-id", "ID", options.agent_id, "needed where the token is not bound to this agent");
  command.option("--hostname", "NAME", options.hostname, "name of the host (default: what the system says)");
  command.option("--instance-id", "ID", options.instance_id, "cloud instance");
  command.option("--account-id", "ID", options.account_id, "cloud account");
  command.group("Recording");
  command.choice("--audit", options.audit, {"auto", "owner", "listener", "off"},
                 "how the kernel's audit records are read: as the one program they are delivered to, beside it, or "
                 "whichever is free (default: auto)");
  command.option("--audit-rules", "FILE", options.audit_rules, "rules for the kernel, as auditctl reads them");
  command.flag("--audit-immutable", options.audit_immutable, "carry out -e 2 of the rules: no change until a reboot");
  command.option(
      "--follow", "FORMAT:FILE", options.follow,
      fmt::format("also record the lines of a file that grows; FORMAT is one of {}", fmt::join(kLineFormats, ", ")));
  command.flag("--from-beginning", options.from_beginning, "followed files that are new: from their beginning");
  command.group("Options");
  add_state_option(command, options.state_directory);
  command.option("--spool-max", "MIB", options.spool_max_mib, 32, 1024UL * 1024,
                 "what the spool may hold while the server does not take it (default: 1024)");
  command.choice("--log-level", options.log_level, {"debug", "info", "warning", "error"}, "default: info");
}

Result<void> check_server_address(const std::string& server) {
  if (server.starts_with("https://") || is_loopback_url(server)) return {};
  return fail(ErrorCode::invalid_input,
              fmt::format("{}: only https:// beyond this host; the token and all records would be readable", server));
}

Result<FollowedFile> parse_followed(const std::string& text) {
  const std::size_t colon = text.find(':');
  const std::string format = text.substr(0, colon);
  if (colon == std::string::npos || colon + 1 == text.size() ||
      std::ranges::find(kLineFormats, format) == kLineFormats.end()) {
    return fail(
        ErrorCode::invalid_input,
        fmt::format("--follow {}: expected FORMAT:FILE, for example syslog:/var/log/auth.log; FORMAT is one of {}",
                    text, fmt::join(kLineFormats, ", ")));
  }
  return FollowedFile{format, text.substr(colon + 1)};
}

}  // namespace sightline::agent
