// sightline-agent status: what the agent of this host says of itself.
#include <fmt/format.h>
#include <sys/stat.h>

#include <fstream>
#include <memory>
#include <ostream>

#include "agent/commands/all_commands.h"
#include "agent/commands/options.h"
#include "agent/status/status_file.h"
#include "cli/terminal/terminal_text.h"
#include "cli/terminal/time_text.h"

namespace sightline::agent {
namespace {

// After that long without a word, the agent hangs.
constexpr std::int64_t kSilentMs = 30'000;

struct StatusOptions {
  std::string state_directory{kDefaultStateDirectory};
  std::string output = "text";
};

// Whether the process is there and is an agent: ids are used again.
bool is_running(std::int64_t pid) {
  std::ifstream file(fmt::format("/proc/{}/comm", pid));
  std::string name;
  return std::getline(file, name) && name.starts_with("sightline-agen");  // the kernel keeps 15 bytes
}

void print(cli::Io& io, std::string_view name, std::string_view value) {
  io.out << fmt::format("{:<14} {}\n", name, cli::printable(value));
}

std::string state_of(const AgentStatus& status, std::int64_t now_ms) {
  if (status.stopped_ms != 0) return "stopped";
  if (!is_running(status.pid)) return "not running, and it did not stop in order";
  if (now_ms - status.updated_ms > kSilentMs) {
    return fmt::format("silent for {}", cli::format_duration(now_ms - status.updated_ms));
  }
  return "running";
}

void print_text(const AgentStatus& status, const std::string& state, cli::Io& io) {
  const cli::TimeZone zone = cli::TimeZone::local();
  print(io, "state", state);
  print(io, "version", status.version);
  print(io, "process", std::to_string(status.pid));
  print(io, "started", zone.format_with_offset(status.started_ms));
  if (status.stopped_ms != 0) print(io, "stopped", zone.format_with_offset(status.stopped_ms));
  print(io, "kernel audit", status.audit);
  print(io, "server", status.server);
  print(io, "delivered", fmt::format("{} events in {} batches", status.delivered_events, status.delivered_batches));
  if (status.last_delivered_ms != 0) print(io, "last delivery", zone.format_with_offset(status.last_delivered_ms));
  if (!status.trouble.empty()) print(io, "trouble", status.trouble);
  print(io, "waiting",
        fmt::format("{} events in {} batches, {} KiB of {} MiB", status.waiting_events, status.waiting_batches,
                    status.spool_bytes >> 10U, status.spool_max_bytes >> 20U));
  if (status.quarantined_lines > 0) {
    print(io, "not decoded", fmt::format("{} lines, in the server's quarantine", status.quarantined_lines));
  }
  print(io, "losses", std::to_string(status.losses));
  if (status.losses > 0) {
    print(io, "last loss", fmt::format("{} {}", zone.format_with_offset(status.last_loss_ms), status.last_loss));
  }
}

Result<cli::ExitCode> run_status(const StatusOptions& options, cli::Io& io) {
  const std::filesystem::path file = std::filesystem::path(options.state_directory) / "status.json";
  const auto status = read_status(file);
  if (!status) return std::unexpected(status.error());
  if (!*status) {
    return fail(ErrorCode::unavailable, fmt::format("no agent has run with {}", options.state_directory));
  }
  const std::string state = state_of(**status, io.clock.now_ms());
  if (options.output == "json") {
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    cli::print_json_line(io, fmt::format(R"({{"state":"{}","agent":{}}})", state, line));
  } else {
    print_text(**status, state, io);
  }
  const bool fine = state == "running" && (*status)->trouble.empty();
  return fine ? cli::ExitCode::fine : cli::ExitCode::findings;
}

}  // namespace

void add_status(cli::Command& program, cli::Io& io) {
  auto options = std::make_shared<StatusOptions>();
  cli::Command& command = program.add("status", "What the agent of this host records, delivers and has lost");
  add_state_option(command, options->state_directory);
  command.choice("--output", options->output, {"text", "json"}, "default: text");
  command.examples(R"(Examples:
  sightline-agent status
  sightline-agent status --output json

Exit codes: 0 it runs and delivers; 1 it does not; 3 there is none.)");
  command.action([options, &io] { return run_status(*options, io); });
}

}  // namespace sightline::agent
