// What the program's exit status tells scripts.
#pragma once

#include "base/error.h"

namespace sightline::cli {

enum class ExitCode : int {
  fine = 0,
  findings = 1,     // rejected lines, failed rule tests, a broken chain: the answer is in the output
  usage = 2,        // wrong arguments, query or rule
  unreachable = 3,  // the server, a file or standard output cannot be reached or read
};

inline ExitCode exit_code_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_input:
    case ErrorCode::not_found:
    case ErrorCode::conflict:
    case ErrorCode::too_large:
      return ExitCode::usage;
    case ErrorCode::corrupt:
      return ExitCode::findings;
    default:
      return ExitCode::unreachable;
  }
}

}  // namespace sightline::cli
