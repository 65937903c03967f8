// One line on a terminal that says how far a command is, from the first second on.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace sightline::commands {

// Shows nothing where standard error is no terminal. One thread.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // "checking: 3 of 20 batches"
  void show_count(std::string_view what, std::uint64_t done, std::uint64_t total, std::string_view unit);
  // "copying: 1.5 MiB of 2.0 GiB"
  void show_bytes(std::string_view what, std::uint64_t done, std::uint64_t total);
  void clear();

 private:
  bool due();

  const bool is_terminal_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
  bool shown_ = false;
};

}  // namespace sightline::commands
