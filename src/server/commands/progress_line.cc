#include "server/commands/progress_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

#include "server/commands/size_text.h"

namespace sightline::commands {

ProgressLine::ProgressLine() : is_terminal_(::isatty(STDERR_FILENO) == 1) {}

bool ProgressLine::due() {
  const auto now = std::chrono::steady_clock::now();
  if (!is_terminal_ || now - last_ < std::chrono::seconds(1)) return false;
  last_ = now;
  shown_ = true;
  return true;
}

void ProgressLine::show_count(std::string_view what, std::uint64_t done, std::uint64_t total, std::string_view unit) {
  if (due()) fmt::print(stderr, "\r\x1b[K{}: {} of {} {}", what, done, total, unit);
}

void ProgressLine::show_bytes(std::string_view what, std::uint64_t done, std::uint64_t total) {
  if (due()) fmt::print(stderr, "\r\x1b[K{}: {} of {}", what, size_text(done), size_text(total));
}

void ProgressLine::clear() {
  if (std::exchange(shown_, false)) fmt::print(stderr, "\r\x1b[K");
}

}  // namespace sightline::commands
