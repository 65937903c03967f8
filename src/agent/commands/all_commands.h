// The commands of sightline-agent: one function, one file each.
#pragma once

#include <string>
#include <vector>

#include "cli/terminal/command.h"

namespace sightline::agent {

// The program: `arguments` without its name. Never throws.
cli::ExitCode run(const std::vector<std::string>& arguments, cli::Io& io);

void add_run(cli::Command& program, cli::Io& io);
void add_check(cli::Command& program, cli::Io& io);
void add_status(cli::Command& program, cli::Io& io);

}  // namespace sightline::agent
