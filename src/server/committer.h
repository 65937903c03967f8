// Makes batches durable: the one thread that writes events and manifests.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "control/control_store.h"
#include "detect/active_rules.h"
#include "detect/detector.h"
#include "server/commit_gate.h"
#include "server/commit_queue.h"
#include "server/copy_index.h"
#include "server/pipeline_metrics.h"
#include "store/event_store.h"

namespace sightline::server {

struct CommitterDependencies {
  store::EventStore& store;
  control::ControlStore& control;
  detect::Detector& detector;
  const Clock& clock;
  PipelineMetrics& metrics;
  Log* log = nullptr;
  CommitGate* gate = nullptr;  // each commit passes it
};

// One thread at a time, but for the functions marked thread-safe.
class Committer {
 public:
  // Loads what is remembered, then repair()s.
  static Result<std::unique_ptr<Committer>> start(const CommitterDependencies& dependencies,
                                                  std::uint64_t remembered_copies);

  // Commits the batches as one group and fulfils each item's promise once it is durable, or with `unavailable`; the
  // message says whether nothing was stored or that is not known. A key that has a manifest by now is not committed
  // again. After a failure it repairs at once where that is possible, else the next call does so first.
  void commit(CommitQueue::Group group);

  // Gives batches in the store that have no manifest theirs: detects them again and commits alerts, manifest and link.
  // Nothing to do but after a crash or a failed commit. Failures are counted, and logged where they are new.
  // Errors: corrupt, unavailable.
  Result<void> repair();

  // True after a failure, until a later commit or repair() succeeds. Thread-safe.
  bool failing() const { return failing_.load(); }
  // Thread-safe.
  std::uint64_t newest_batch() const { return newest_batch_.load(); }
  // From the next commit on. Thread-safe.
  void replace_rules(std::shared_ptr<const detect::ActiveRules> rules);
  std::shared_ptr<const detect::ActiveRules> rules() const;

 private:
  explicit Committer(const CommitterDependencies& dependencies);

  // A group on its way. Items and commits are in one order: batches with events first, so that the numbers found in the
  // store are without gaps even if a crash keeps the empty ones from getting a manifest.
  struct Prepared {
    std::vector<CommitItem*> items;
    std::vector<control::BatchCommit> commits;
    std::vector<store::PendingBatch> pending;
    std::vector<control::StateRow> state;
    detect::StateDelta delta;
    std::uint64_t duplicates = 0;
  };

  Result<void> answer_those_there(CommitQueue::Group& group);
  void commit_passed(CommitQueue::Group group);
  void refuse(CommitQueue::Group group, const Error& error);
  Result<control::CommitOutcome> commit_group(std::span<const std::unique_ptr<CommitItem>> group);
  Prepared number_batches(std::span<const std::unique_ptr<CommitItem>> group) const;
  Result<void> mark_copies(Prepared& prepared);
  void detect_group(Prepared& prepared);
  // `marked`: the events say already which rules matched them.
  void detect_batch(EventBatch& events, bool marked, control::BatchCommit& commit, Prepared& prepared);
  void note_rules_set_aside();
  Result<void> append(const Prepared& prepared);
  Result<control::CommitOutcome> write_manifests(Prepared& prepared);
  void adopt(const control::CommitOutcome& outcome, const Prepared& prepared);
  void count(const Prepared& prepared, const control::CommitOutcome& outcome);

  Result<void> repair_all();
  Result<void> repair_batch(const store::BatchHeader& header);
  Result<EventBatch> read_stored(const store::BatchHeader& header);
  void take_new_rules();

  CommitterDependencies use_;
  std::unique_ptr<CopyIndex> copies_;
  control::ChainHead head_;
  bool needs_repair_ = true;
  std::string repair_error_;  // of the last repair; empty: it succeeded
  std::atomic<bool> failing_{false};
  std::atomic<std::uint64_t> newest_batch_{0};
  mutable std::mutex rules_mutex_;
  std::shared_ptr<const detect::ActiveRules> rules_;
};

// SHA-256 over the canonical form of each event, in order; 32 zero bytes for none.
Sha256Digest content_hash(std::span<const Event> events);

}  // namespace sightline::server
