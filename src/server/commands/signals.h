// Signals, taken by threads that wait for them.
#pragma once

#include <thread>

namespace sightline::commands {

// From now on SIGTERM, SIGINT and SIGHUP wait until they are asked for, in this thread and those it starts, and SIGPIPE
// is ignored. Call it before any other thread exists.
void hold_signals();

// Blocks until one of SIGTERM, SIGINT, SIGHUP comes; its number.
int wait_for_signal();

// While it lives, SIGTERM or SIGINT end the process at once, with exit code 1.
class QuickExit {
 public:
  QuickExit();

 private:
  std::jthread thread_;
};

}  // namespace sightline::commands
