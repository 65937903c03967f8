#include "server/commands/signals.h"

#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <stop_token>
#include <string_view>

namespace sightline::commands {

namespace {

constexpr long kPollPause_ns = 50'000'000;

sigset_t signal_set(bool with_hangup) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  if (with_hangup) sigaddset(&set, SIGHUP);
  return set;
}

[[noreturn]] void quick_exit() {
  constexpr std::string_view kMessage = "sightlined: stopped at once by a second signal\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kMessage.data(), kMessage.size());
  ::_exit(1);
}

// Calls `act` for every SIGTERM and SIGINT until `stop`.
template <class Act>
void watch(const std::stop_token& stop, Act act) {
  const sigset_t set = signal_set(false);
  const timespec pause{0, kPollPause_ns};
  while (!stop.stop_requested()) {
    if (sigtimedwait(&set, nullptr, &pause) > 0) act();
  }
}

}  // namespace

void hold_signals() {
  std::signal(SIGPIPE, SIG_IGN);
  const sigset_t set = signal_set(true);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

int wait_for_signal() {
  const sigset_t set = signal_set(true);
  int number = 0;
  while (sigwait(&set, &number) != 0) {
  }
  return number;
}

QuickExit::QuickExit() : thread_([](const std::stop_token& stop) { watch(stop, quick_exit); }) {}

StopOnSignal::StopOnSignal()
    : thread_([source = source_](const std::stop_token& stop) mutable {
        watch(stop, [&source] {
          if (!source.request_stop()) quick_exit();
        });
      }) {}

}  // namespace sightline::commands
