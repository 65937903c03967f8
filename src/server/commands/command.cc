#include "server/commands/command.h"

#include <fmt/format.h>

#include <cstdio>

namespace sightline::commands {

int report(const Error& error) {
  fmt::print(stderr, "sightlined: {}\n", error.message);
  return error.code == ErrorCode::invalid_input ? kUsage : kCannotReach;
}

}  // namespace sightline::commands
