// A program of a command line, as main() runs it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/terminal/exit_code.h"
#include "cli/terminal/io.h"

namespace sightline::cli {

// With the standard streams, the system's clock and environment, and libcurl; the exit code. `name` is what messages
// begin with.
int run_program(int argc, char** argv, std::string_view name,
                ExitCode (*run)(const std::vector<std::string>& arguments, Io& io));

}  // namespace sightline::cli
