#include "agent/collect/collector.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/clock.h"

namespace sightline::agent {
namespace {

// How long a source is left alone that cannot say that it has something, one that holds something back, and any.
constexpr std::int64_t kLookAgainMs = 250;
constexpr std::int64_t kHoldMs = 20;
constexpr std::int64_t kLongestWaitMs = 1000;
// At the end: how long nothing must come, and how long all of it may take.
constexpr std::int64_t kQuietMs = 100;
constexpr std::int64_t kLongestDrainMs = 5000;

}  // namespace

Collector::Collector(std::span<const std::unique_ptr<Source>> sources, Recorder& recorder, Log& log)
    : recorder_(recorder), log_(log) {
  for (const auto& source : sources) sources_.push_back({.source = source.get(), .last_ms = steady_now_ms()});
}

std::int64_t Collector::wait_ms() const {
  std::int64_t wait_ms = std::min(kLongestWaitMs, recorder_.due_in_ms().value_or(kLongestWaitMs));
  for (const Watched& watched : sources_) {
    if (watched.source->holds_back()) wait_ms = std::min(wait_ms, kHoldMs);
    if (watched.source->descriptor() < 0 || watched.failing) wait_ms = std::min(wait_ms, kLookAgainMs);
  }
  return wait_ms;
}

void Collector::collect(Watched& watched) {
  Source& source = *watched.source;
  Collected& out = recorder_.of(source);
  // Others must have their turn, and full batches must be written.
  constexpr int kTurns = 16;
  for (int turn = 0; turn < kTurns && !recorder_.is_held(source); ++turn) {
    const Result<Source::Progress> progress = source.collect(out);
    if (!progress) {
      if (!std::exchange(watched.failing, true)) {
        log_.error("a source has failed", {{"source", source.name()}, {"reason", progress.error().message}});
      }
      return;
    }
    if (std::exchange(watched.failing, false)) log_.info("a source works again", {{"source", source.name()}});
    if (progress->any) watched.last_ms = steady_now_ms();
    if (!progress->more) return;
    recorder_.write_due(false);
  }
}

void Collector::wait(int stopped, std::int64_t wait_ms) const {
  std::vector<pollfd> waiting{{.fd = stopped, .events = POLLIN, .revents = 0}};
  for (const Watched& watched : sources_) {
    waiting.push_back({.fd = watched.failing ? -1 : watched.source->descriptor(), .events = POLLIN, .revents = 0});
  }
  poll(waiting.data(), waiting.size(), static_cast<int>(wait_ms));
}

void Collector::run(const std::stop_token& stop) {
  const Descriptor stopped(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  const std::stop_callback wake(stop, [&] { eventfd_write(stopped.number(), 1); });
  while (!stop.stop_requested()) {
    wait(stopped.number(), wait_ms());
    for (Watched& watched : sources_) {
      collect(watched);
      const std::int64_t idle_ms = steady_now_ms() - watched.last_ms;
      watched.source->idle(idle_ms, recorder_.of(*watched.source));
    }
    recorder_.write_due(false);
  }
  drain();
  for (const Watched& watched : sources_) watched.source->finish(recorder_.of(*watched.source));
  recorder_.write_due(true);
}

// What the kernel still holds for the agent would be gone with the socket.
void Collector::drain() {
  const std::int64_t begun_ms = steady_now_ms();
  for (Watched& watched : sources_) watched.last_ms = begun_ms;
  std::int64_t last_ms = begun_ms;
  while (steady_now_ms() - last_ms < kQuietMs && steady_now_ms() - begun_ms < kLongestDrainMs) {
    wait(-1, kQuietMs);
    for (Watched& watched : sources_) {
      collect(watched);
      last_ms = std::max(last_ms, watched.last_ms);
    }
    recorder_.write_due(false);
  }
}

}  // namespace sightline::agent
