// From the kernel's datagrams to events.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/collect/source.h"
#include "agent/kernel_audit/attempt_filter.h"
#include "agent/kernel_audit/id_names.h"
#include "agent/kernel_audit/serial_gaps.h"
#include "base/clock.h"
#include "sources/audit/coalescer.h"

namespace sightline::agent {

// Joins records to events, adds names to ids, notices which serial numbers never came, and leaves out attempts that say
// nothing (AttemptFilter). Not thread-safe. All of
// `now_ms` are of a clock that is never set; the events' own times are the kernel's.
class AuditRecords {
 public:
  // `gaps`: of an earlier run, or new.
  AuditRecords(SerialGaps gaps, IdNames names) : names_(std::move(names)), gaps_(std::move(gaps)) {}

  // One datagram; `truncated`: it was longer. What is no record and no answer of the kernel's is a loss in `out`.
  void take(std::string_view datagram, bool truncated, std::int64_t now_ms, Collected& out);
  // Nothing came for that long.
  void idle(std::int64_t idle_ms, std::int64_t now_ms, Collected& out);
  void finish(std::int64_t now_ms, Collected& out);

  bool holds_back() const { return coalescer_.open_events() > 0; }
  SerialGaps::Missing take_missing(std::int64_t now_ms) { return gaps_.take_missing(now_ms); }
  // What was handed on so far: events that are still open are absent. nullopt: nothing was seen yet.
  std::optional<SerialState> handed_on() const;

 private:
  void add(const audit::RecordHead& head, std::int64_t now_ms);
  void hand_on(std::int64_t now_ms, Collected& out);

  audit::Coalescer coalescer_;
  IdNames names_;
  SerialGaps gaps_;
  AttemptFilter filter_;
  std::string line_;  // under construction
};

}  // namespace sightline::agent
