#include "agent/commands/all_commands.h"

namespace sightline::agent {
namespace {

constexpr std::string_view kExamples = R"(Examples:
  sightline-agent check
  sightline-agent run --server https://sightline.example:8443 --token-file /etc/sightline/agent.token
  sightline-agent status

Exit codes: 0 fine; 1 findings (something is not recorded or not delivered); 2 usage or rule error; 3 cannot reach or
read.)";

}  // namespace

cli::ExitCode run(const std::vector<std::string>& arguments, cli::Io& io) {
  cli::Command program("sightline-agent", SIGHTLINE_VERSION,
                       "Records what happens on this host and delivers it to a Sightline server.");
  program.examples(kExamples);
  add_run(program, io);
  add_check(program, io);
  add_status(program, io);
  return program.run(arguments, io);
}

}  // namespace sightline::agent
