#include "base/signals.h"

#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <stop_token>
#include <string_view>

namespace sightline {

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
  constexpr std::string_view kMessage = ": stopped at once by a second signal\n";
  const std::string_view name = program_invocation_short_name;
  [[maybe_unused]] const auto named = ::write(STDERR_FILENO, name.data(), name.size());
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

std::optional<int> wait_for_signal(std::int64_t wait_ms) {
  constexpr std::int64_t kMsPerS = 1000;
  constexpr std::int64_t kNsPerMs = 1'000'000;
  const sigset_t set = signal_set(true);
  const timespec pause{wait_ms / kMsPerS, wait_ms % kMsPerS * kNsPerMs};
  const int number = sigtimedwait(&set, nullptr, &pause);
  return number > 0 ? std::optional(number) : std::nullopt;
}

QuickExit::QuickExit() : thread_([](const std::stop_token& stop) { watch(stop, quick_exit); }) {}

StopOnSignal::StopOnSignal()
    : thread_([source = source_](const std::stop_token& stop) mutable {
        watch(stop, [&source] {
          if (!source.request_stop()) quick_exit();
        });
      }) {}

}  // namespace sightline
