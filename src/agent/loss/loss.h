// What the agent knows it did not record or could not deliver. A loss becomes an event of this host, delivered like any
// other, so that a search over the time it concerns finds it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sightline::agent {

enum class LossReason : std::uint8_t {
  kernel_lost,     // the kernel's own count of records it dropped
  socket_overrun,  // the kernel had more than the socket holds; serial_gap counts what it was
  serial_gap,      // serial numbers that never came
  unreadable,      // bytes that are no record, or a line longer than is taken
  over_budget,     // more attempts to open what is not there than are taken
  file_gone,       // a followed file was replaced or cut before all of it was read
  spool_full,      // the server did not take batches for so long that the cap of the spool was reached
  spool_failed,    // the disk did not take them
  spool_damaged,   // batches of the spool could not be read again
  refused,         // the server refused a batch for good
  rules_gone,      // audit rules were taken out by somebody, or auditing was switched off
  not_running,     // between two runs of the agent
};

std::string_view to_string(LossReason reason);

struct Loss {
  std::string source;  // of the agent: "audit", …
  LossReason reason = LossReason::not_running;
  std::optional<std::uint64_t> count;  // nullopt: nobody can know
  std::int64_t from_ms = 0;            // since 1970, UTC
  std::int64_t to_ms = 0;
  std::string detail;  // for people; may be empty
};

// What `count` counts: "records", "events" or "batches".
std::string_view unit_of(LossReason reason);

// What happened, for people: "audit: the kernel dropped audit records (12 records)".
std::string sentence(const Loss& loss);

// One line of NDJSON as POST /v1/events takes it, with its line feed.
std::string event_line(const Loss& loss);

}  // namespace sightline::agent
