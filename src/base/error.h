// Expected failures. Library exceptions end at the file that wraps the library; from there on errors are values.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace sightline {

// Each value says what the caller should do.
enum class ErrorCode {
  invalid_input,      // the caller's bytes or words are wrong: report the message, do not retry
  unauthenticated,    // no or an unknown credential
  permission_denied,  // the credential may not do this
  not_found,          // nothing by that name
  conflict,           // contradicts what is stored
  too_large,          // over a limit: send less
  busy,               // over capacity: retry later
  timeout,            // stopped by a time limit: narrow the question
  cancelled,          // stopped by the caller
  corrupt,            // stored data fails a check: stop and investigate
  unavailable,        // the disk, the network or the engine failed: retry may help
  internal,           // a mistake of the program
};

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
  return std::unexpected(Error{code, std::move(message)});
}

}  // namespace sightline
