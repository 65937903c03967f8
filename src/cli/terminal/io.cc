#include "cli/terminal/io.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

namespace sightline::cli {
namespace {

constexpr std::size_t kDefaultColumns = 80;

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

std::size_t terminal_columns() {
  if (is_set("COLUMNS")) {
    const unsigned long columns = std::strtoul(std::getenv("COLUMNS"), nullptr, 10);
    if (columns > 0 && columns < 100'000) return columns;
  }
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return kDefaultColumns;
}

}  // namespace

Terminal detect_terminal() {
  Terminal terminal;
  terminal.out = isatty(STDOUT_FILENO) == 1;
  terminal.err = isatty(STDERR_FILENO) == 1;
  const char* kind = std::getenv("TERM");
  const bool dumb = kind != nullptr && std::string_view(kind) == "dumb";
  terminal.colour = terminal.out && !is_set("NO_COLOR") && !dumb;
  terminal.columns = terminal.out ? terminal_columns() : 0;
  return terminal;
}

}  // namespace sightline::cli
