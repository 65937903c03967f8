// What a crash, or a failure between the store and the control database, left behind.

#include <fmt/format.h>

#include "server/committer.h"

namespace sightline::server {

Result<void> Committer::repair() {
  auto repaired = repair_all();
  const std::string error = repaired ? std::string() : repaired.error().message;
  if (!repaired) ++use_.metrics.repairs_failed;
  // It is tried every second: what stays the same is said once.
  if (use_.log != nullptr && error != repair_error_) {
    if (repaired) {
      use_.log->info("repair succeeded", {{"newest_batch", head_.number}});
    } else {
      use_.log->error("repair failed", {{"error", error}});
    }
  }
  repair_error_ = error;
  return repaired;
}

Result<void> Committer::repair_all() {
  const auto end = use_.control.manifests().end();
  if (!end) return std::unexpected(end.error());
  if (end->last != end->kept) {
    return fail(ErrorCode::corrupt, fmt::format("the manifests end at batch {}, but the chain ended at batch {}: the "
                                                "control database was changed; sightlined verify says more",
                                                end->last.number, end->kept.number));
  }
  head_ = end->last;
  newest_batch_ = head_.number;
  const auto headers = use_.store.batches_from(head_.number + 1);
  if (!headers) return std::unexpected(headers.error());
  for (const store::BatchHeader& header : *headers) {
    if (const auto repaired = repair_batch(header); !repaired) {
      copies_->drop();
      return repaired;
    }
  }
  needs_repair_ = false;
  failing_ = false;
  return {};
}

Result<void> Committer::repair_batch(const store::BatchHeader& header) {
  EventBatch events;
  if (auto stored = read_stored(header); stored) {
    events = std::move(*stored);
  } else {
    return std::unexpected(stored.error());
  }
  Prepared prepared;
  control::BatchCommit& commit = prepared.commits.emplace_back();
  commit.manifest.key = header.key;
  commit.manifest.body_hash = header.body_hash;
  commit.manifest.format = header.format;
  commit.manifest.received_time_ms = header.received_time_ms;
  commit.manifest.event_count = events.size();
  commit.manifest.recovered = true;
  commit.manifest.content_hash = content_hash(events.events());
  const std::vector<CopyCandidate> candidates = copy_candidates(events);
  commit.new_copies = copies_->note_stored({header.number, &header.key, header.received_time_ms, &events, candidates});
  detect_batch(events, true, commit, prepared);
  const auto outcome = write_manifests(prepared);
  if (!outcome) return std::unexpected(outcome.error());
  adopt(*outcome, prepared);
  ++use_.metrics.batches_recovered;
  use_.metrics.alerts_opened += outcome->alerts_opened;
  if (use_.log != nullptr) {
    use_.log->warning("a batch without manifest was recovered", {{"batch", header.number},
                                                                 {"source", header.key.source},
                                                                 {"events", events.size()},
                                                                 {"alerts", outcome->alerts_opened}});
  }
  return {};
}

// The events of the batch, where they are what the pipeline would have written.
Result<EventBatch> Committer::read_stored(const store::BatchHeader& header) {
  if (header.number != head_.number + 1) {
    return fail(ErrorCode::corrupt, fmt::format("the store holds batch {} but the chain of manifests ends at {}",
                                                header.number, head_.number));
  }
  const auto known = use_.control.manifests().find(header.key);
  if (!known) return std::unexpected(known.error());
  if (*known) {
    return fail(ErrorCode::corrupt,
                fmt::format("the store holds batch {} under the key of batch {}", header.number, (*known)->number));
  }
  auto events = use_.store.read_batch(header.number);
  if (!events) return events;
  const BatchId batch = make_batch_id(header.key);
  std::uint32_t index = 0;
  for (const Event& event : events->events()) {
    if (event.id != make_event_id(batch, index++)) {
      return fail(ErrorCode::corrupt, fmt::format("batch {} in the store lacks event {}", header.number, index - 1));
    }
  }
  return events;
}

}  // namespace sightline::server
