// The program: arguments in, exit code out.
#pragma once

#include <string>
#include <vector>

#include "cli/terminal/exit_code.h"
#include "cli/terminal/io.h"

namespace sightline::cli {

// `arguments` without the program's name. Never throws.
ExitCode run(const std::vector<std::string>& arguments, Io& io);

}  // namespace sightline::cli
