#include "server/retention.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "event/time.h"

namespace sightline::server {

namespace {

using Day = store::EventStore::Day;

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::chrono::seconds kGatePatience(5);

}  // namespace

Retention::Retention(RetentionDependencies dependencies, RetentionLimits limits,
                     std::chrono::steady_clock::duration grace, SteadyNow steady_now)
    : use_(std::move(dependencies)), limits_(limits), grace_(grace), steady_now_(std::move(steady_now)) {}

Result<bool> Retention::run_once() {
  const auto days = use_.store.days();
  if (!days) return std::unexpected(days.error());
  const std::optional<Due> due = ripen(find_due(*days));
  const bool retiring = due && due->received_before_ms > settled_ms_;
  if (!retiring && std::ranges::none_of(*days, [&](const Day& day) { return is_retired(day); })) return false;
  const auto closed = use_.gate.close(kGatePatience);
  if (!closed) return std::unexpected(closed.error());
  if (!*closed) {
    return fail(ErrorCode::busy,
                "somebody is looking at the data directory, such as a backup; the next round tries again");
  }
  auto removed = retiring ? retire(*due) : Result<bool>(false);
  if (removed) {
    if (auto gone = remove_retired(); !gone) removed = std::unexpected(gone.error());
  }
  use_.gate.reopen();
  return removed;
}

// The end of a day: everything received before it goes.
std::optional<Retention::Due> Retention::find_due(const std::vector<Day>& days) const {
  const std::int64_t today = use_.clock.now_ms() / kDayMs;
  Due due;
  if (limits_.days > 0) {
    due = {(today - limits_.days) * kDayMs, fmt::format("older than {} days", limits_.days)};
  }
  if (limits_.max_bytes > 0) {
    std::uint64_t bytes = std::accumulate(days.begin(), days.end(), std::uint64_t{0},
                                          [](std::uint64_t sum, const Day& d) { return sum + d.bytes_on_disk; });
    for (const Day& day : days) {
      if (bytes <= limits_.max_bytes || day.day >= today - limits_.min_days) break;
      bytes -= day.bytes_on_disk;
      const std::int64_t end_ms = (day.day + 1) * kDayMs;
      if (end_ms > due.received_before_ms) due = {end_ms, fmt::format("more than {} bytes", limits_.max_bytes)};
    }
  }
  return due.received_before_ms > 0 ? std::optional(due) : std::nullopt;
}

// What has been due for long enough. Where the time goes back, whatever seemed due is doubtful and waits anew.
std::optional<Retention::Due> Retention::ripen(std::optional<Due> due) {
  const auto now = steady_now_();
  if (!due || !waiting_ || due->received_before_ms < waiting_->received_before_ms) {
    waiting_ = due;
    waiting_since_ = now;
  }
  if (!waiting_ || now - waiting_since_ < grace_) return std::nullopt;
  std::optional<Due> ripe = waiting_;
  if (due->received_before_ms > waiting_->received_before_ms) {
    waiting_ = std::move(due);
    waiting_since_ = now;
  }
  return ripe;
}

Result<bool> Retention::retire(const Due& due) {
  const auto removal = use_.control.retention().retire(due.received_before_ms, use_.clock.now_ms(), due.why);
  if (!removal) return std::unexpected(removal.error());
  settled_ms_ = due.received_before_ms;
  if (!*removal) return false;
  if (use_.log != nullptr) {
    use_.log->warning("retention removes what was received before",
                      {{"received_before", format_iso8601(due.received_before_ms)},
                       {"batches", (*removal)->batches},
                       {"events", (*removal)->events},
                       {"quarantined", (*removal)->quarantined},
                       {"reason", due.why}});
  }
  return true;
}

// A day that holds a batch that is not retired stays as it is: a clock that was set back may have made one.
bool Retention::is_retired(const Day& day) const {
  const auto removed = use_.control.retention().removed();
  return removed && (day.day + 1) * kDayMs <= removed->received_before_ms && day.newest_batch <= removed->newest_batch;
}

// Looks again: batches may have been committed before the gate was closed.
Result<void> Retention::remove_retired() {
  const auto days = use_.store.days();
  if (!days) return std::unexpected(days.error());
  for (const Day& day : *days) {
    if (!is_retired(day)) continue;
    if (auto gone = use_.store.remove_day(day.day); !gone) return gone;
  }
  return {};
}

RetentionThread::RetentionThread(Retention retention, std::chrono::milliseconds interval,
                                 std::function<void(const Error&)> failed)
    : retention_(std::move(retention)),
      failed_(std::move(failed)),
      thread_([this, interval](const std::stop_token& stop) { run(stop, interval); }) {}

void RetentionThread::run(const std::stop_token& stop, std::chrono::milliseconds interval) {
  while (!stop.stop_requested()) {
    if (const auto done = retention_.run_once(); !done) failed_(done.error());
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, interval, [] { return false; });
  }
}

}  // namespace sightline::server
