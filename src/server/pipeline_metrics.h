// What the pipeline counts; /metrics exports it.
#pragma once

#include <atomic>
#include <cstdint>

namespace sightline::server {

// Written by the pipeline, read by anyone. Counters only grow; gauges are named so.
struct PipelineMetrics {
  using Value = std::atomic<std::uint64_t>;

  Value requests{0};
  Value body_bytes{0};  // as received
  Value events_accepted{0};
  Value events_duplicate{0};  // of these, marked duplicate_of
  Value lines_rejected{0};
  Value quarantine_dropped{0};  // rejected lines not kept for want of room
  Value batches_committed{0};
  Value batches_replayed{0};
  Value batches_recovered{0};
  Value repairs_failed{0};
  Value conflicts{0};
  Value refused_busy{0};   // no room at all
  Value refused_share{0};  // the principal has its share under way
  Value alerts_opened{0};
  Value commits{0};  // groups
  Value commits_failed{0};
  Value decode_us{0};        // time spent, summed
  Value mask_us{0};          // of that, looking for secrets
  Value wait_us{0};          // from admission to the beginning of the commit that takes it
  Value detect_us{0};        // rules
  Value match_cpu_ns{0};     // CPU time of matching, estimated (detect/event_sampler.h)
  Value rules_set_aside{0};  // times that one was
  Value append_us{0};        // EventStore::append
  Value commit_us{0};        // control database
  Value queued_requests{0};  // gauge
  Value queued_bytes{0};     // gauge
  Value oldest_since_us{0};  // gauge: when the oldest of them came, by the steady clock; 0: there is none
};

}  // namespace sightline::server
