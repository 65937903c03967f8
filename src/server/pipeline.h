// The way of a batch from bytes to acknowledged: decode → deduplicate → detect → store → commit.
// docs/commit-protocol.md has the states and what a crash at each point leads to.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "control/control_store.h"
#include "detect/active_rules.h"
#include "detect/detector.h"
#include "event/event.h"
#include "server/commit_gate.h"
#include "server/ingest_decoder.h"
#include "server/pipeline_metrics.h"
#include "store/event_store.h"

namespace sightline::server {

struct IngestAnswer {
  std::uint64_t accepted = 0;                   // events stored
  std::uint64_t rejected_count = 0;             // may exceed rejected.size()
  std::vector<control::RejectedLine> rejected;  // line and error, the first sources::kMaxRejectedKept
  bool replayed = false;                        // an earlier request stored it, or a repair finished it
  std::uint64_t batch = 0;                      // its number
};

struct PipelineOptions {
  // New requests are refused while as much is under way.
  std::size_t queued_bytes = 512ULL << 20;  // decoded events, also those still being decoded
  std::size_t queued_requests = 512;
  std::size_t decoding_requests = 2;  // at once; others wait for their turn
  // A commit takes batches until one of these is reached.
  std::size_t group_events = 100'000;
  std::size_t group_bytes = 64ULL << 20;
  std::size_t group_batches = 256;
  std::size_t group_shares = 16;                // of its events and bytes, one for each principal while several send
  std::uint64_t remembered_copies = 3'000'000;  // CloudTrail events known by fingerprint, up to 50 bytes each
  std::int64_t repair_interval_ms = 1'000;      // while something fails, how often to look whether it still does
  Log* log = nullptr;                           // outlives the pipeline
  CommitGate* gate = nullptr;                   // each commit passes it; outlives the pipeline
};

// All functions are thread-safe. Several threads call ingest(); one thread of the pipeline's own commits.
class Pipeline {
 public:
  // What it is given must outlive it. Finishes what a crash left behind before it returns: batches in the store
  // without a manifest are detected again and get theirs.
  // Errors: corrupt (store and control database contradict each other), unavailable.
  static Result<std::unique_ptr<Pipeline>> start(store::EventStore& store, control::ControlStore& control,
                                                 detect::Detector& detector, const IngestDecoder& decoder,
                                                 const Clock& clock, const PipelineOptions& options = {});
  ~Pipeline();  // stop()

  // Returns when the batch is durable, or was before. Blocks meanwhile: for its turn to decode, for the commit, and
  // for another request with the same key that is under way.
  // Errors: busy (queue full: 429 with Retry-After), conflict (the key was used for another body: 409; an alert is
  // opened), invalid_input, too_large (IngestDecoder), unavailable (retry; the message says whether nothing was
  // stored or that is not known; also while stopping), corrupt.
  Result<IngestAnswer> ingest(const IngestRequest& request);

  // Readers look at no batch above it: SearchRequest::newest_batch.
  std::uint64_t newest_batch() const;

  // From the next commit on. Thread-safe.
  void replace_rules(std::shared_ptr<const detect::ActiveRules> rules);
  std::shared_ptr<const detect::ActiveRules> rules() const;

  // Refuses new requests with `unavailable`, commits those that are queued, ends the thread. Idempotent.
  void stop();
  // False after stop(), and while the store or the control database fails: /readyz.
  bool ready() const;

  const PipelineMetrics& metrics() const;

 private:
  class Implementation;
  explicit Pipeline(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

// A key for a request that named none: used once, by that request.
BatchKey make_server_key(std::string principal);

}  // namespace sightline::server
