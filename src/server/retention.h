// Removes what is older, or more, than the operator wants to keep: whole days of receipt, never silently.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "control/control_store.h"
#include "server/commit_gate.h"
#include "store/event_store.h"

namespace sightline::server {

struct RetentionLimits {
  std::int64_t days = 0;        // what was received before as many whole days goes; 0: no limit
  std::uint64_t max_bytes = 0;  // of the events on disk: beyond it the oldest days go; 0: no limit
  std::int64_t min_days = 7;    // max_bytes never takes what was received within as many days
  bool any() const { return days > 0 || max_bytes > 0; }
};

struct RetentionDependencies {
  store::EventStore& store;
  control::ControlStore& control;
  const Clock& clock;
  CommitGate gate;  // of its own: closed while events are removed
  Log* log = nullptr;
};

// One thread.
class Retention {
 public:
  using SteadyNow = std::function<std::chrono::steady_clock::time_point()>;

  // A clock that is wrong for a while must not cost the evidence: what is due is removed only once it has been due for
  // as long as `grace`, without a break.
  Retention(RetentionDependencies dependencies, RetentionLimits limits,
            std::chrono::steady_clock::duration grace = std::chrono::hours(1),
            SteadyNow steady_now = std::chrono::steady_clock::now);

  // Removes what is due, and what a crash kept an earlier round from removing: first the audit log says so, then the
  // events go. True where something was retired. Errors: unavailable, corrupt; busy: a backup is looking.
  Result<bool> run_once();

 private:
  struct Due {
    std::int64_t received_before_ms = 0;
    std::string why;
  };
  std::optional<Due> find_due(const std::vector<store::EventStore::Day>& days) const;
  std::optional<Due> ripen(std::optional<Due> due);
  Result<bool> retire(const Due& due);
  bool is_retired(const store::EventStore::Day& day) const;
  Result<void> remove_retired();

  RetentionDependencies use_;
  RetentionLimits limits_;
  std::chrono::steady_clock::duration grace_;
  SteadyNow steady_now_;
  std::optional<Due> waiting_;
  std::chrono::steady_clock::time_point waiting_since_;
  std::int64_t settled_ms_ = 0;  // what was received before it is retired already
};

// Runs rounds every so often on a thread of its own, until it goes.
class RetentionThread {
 public:
  // `failed` is called after each round that failed, with its error.
  RetentionThread(Retention retention, std::chrono::milliseconds interval, std::function<void(const Error&)> failed);

 private:
  void run(const std::stop_token& stop, std::chrono::milliseconds interval);

  Retention retention_;
  std::function<void(const Error&)> failed_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;  // last: it goes first
};

}  // namespace sightline::server
