// Signals, taken by threads that wait for them.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <thread>

namespace sightline {

// From now on SIGTERM, SIGINT and SIGHUP wait until they are asked for, in this thread and those it starts, and SIGPIPE
// is ignored. Call it before any other thread exists.
void hold_signals();

// Blocks until one of SIGTERM, SIGINT, SIGHUP comes; its number.
int wait_for_signal();
// The same for that long at most; nullopt: none came.
std::optional<int> wait_for_signal(std::int64_t wait_ms);

// While it lives, SIGTERM or SIGINT request a stop, and a second one ends the process at once, with exit code 1.
class StopOnSignal {
 public:
  StopOnSignal();
  std::stop_token token() const { return source_.get_token(); }

 private:
  std::stop_source source_;
  std::jthread thread_;
};

// While it lives, SIGTERM or SIGINT end the process at once, with exit code 1.
class QuickExit {
 public:
  QuickExit();

 private:
  std::jthread thread_;
};

}  // namespace sightline
