// Everything a command touches outside itself: passed in, so that tests can stand in for the terminal, the network, the
// time and the environment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace sightline {

class HttpClient;

namespace cli {

struct Terminal {
  bool out = false;         // standard output is one
  bool err = false;         // standard error is one
  bool colour = false;      // on standard output: a terminal, and NO_COLOR is not set
  std::size_t columns = 0;  // of standard output; 0 where it is no terminal: nothing is cut
};

// One program run; not thread-safe.
struct Io {
  int in_fd;  // standard input
  std::ostream& out;
  std::ostream& err;
  Terminal terminal;
  const Clock& clock;
  HttpClient& http;
  // An environment variable; nullopt where it is not set or empty.
  std::function<std::optional<std::string>(const std::string& name)> environment;
  std::function<void(std::int64_t ms)> sleep;
  std::string_view program = "sightline";  // what messages begin with
};

// What standard output and error are connected to. COLUMNS, where set, wins over what the terminal says.
Terminal detect_terminal();

}  // namespace cli

}  // namespace sightline
