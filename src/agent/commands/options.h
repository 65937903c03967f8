// What `run` and `check` are told.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/terminal/command.h"

namespace sightline::agent {

inline constexpr std::string_view kDefaultStateDirectory = "/var/lib/sightline-agent";

struct AgentOptions {
  std::string server;
  std::string token_file;
  std::string ca_file;
  std::string agent_id;
  std::string hostname;
  std::string instance_id;
  std::string account_id;

  std::string audit = "auto";  // auto | owner | listener | off
  std::vector<std::string> audit_rules;
  bool audit_immutable = false;
  std::vector<std::string> follow;  // FORMAT:FILE
  bool from_beginning = false;

  std::string state_directory{kDefaultStateDirectory};
  std::uint64_t spool_max_mib = 1024;
  std::string log_level = "info";

  std::filesystem::path status_file() const { return std::filesystem::path(state_directory) / "status.json"; }
  std::filesystem::path spool_directory() const { return std::filesystem::path(state_directory) / "spool"; }
  std::filesystem::path rule_state_file() const { return std::filesystem::path(state_directory) / "audit-rules.state"; }
};

void add_agent_options(cli::Command& command, AgentOptions& options);
void add_state_option(cli::Command& command, std::string& directory);

// https, or this host. Errors: invalid_input.
Result<void> check_server_address(const std::string& server);

struct FollowedFile {
  std::string format;
  std::filesystem::path file;
};
// FORMAT:FILE. Errors: invalid_input.
Result<FollowedFile> parse_followed(const std::string& text);

}  // namespace sightline::agent
