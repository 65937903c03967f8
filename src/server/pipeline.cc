#include "server/pipeline.h"

#include <fmt/format.h>

#include <chrono>
#include <random>
#include <thread>

#include "server/admission.h"
#include "server/commit_queue.h"
#include "server/committer.h"
#include "server/conflict_alert.h"
#include "server/fair_turns.h"
#include "server/in_flight_keys.h"

namespace sightline::server {

namespace {

constexpr std::size_t kMaxKeyText = 1'000;

void name_source(const std::string& source, EventBatch& events) {
  if (source.empty()) return;
  const std::string_view text = events.arena().copy(source);
  for (Event& event : events.events()) {
    if (event.find(FieldId::source) == nullptr) event.add_text(FieldId::source, text);
  }
}

IngestAnswer answer_of(control::StoredAnswer stored, std::uint64_t batch, bool replayed) {
  return {stored.accepted, stored.rejected_count, std::move(stored.rejected), replayed, batch};
}

std::vector<control::RejectedLine> lines_of(const sources::Decoded& decoded) {
  std::vector<control::RejectedLine> lines;
  for (const sources::Rejected& rejected : decoded.rejected) lines.push_back({rejected.line, rejected.error});
  return lines;
}

// A counter that others set too never goes back.
void raise(PipelineMetrics::Value& counter, std::uint64_t to) {
  std::uint64_t seen = counter;
  while (seen < to && !counter.compare_exchange_weak(seen, to)) {
  }
}

}  // namespace

BatchKey make_server_key(std::string principal) {
  // Random, so that no sender can name it and no two runs share it.
  static const std::uint64_t epoch = [] {
    std::random_device device;
    return static_cast<std::uint64_t>(device()) << 32 | device();
  }();
  static std::atomic<std::uint64_t> sequence{0};
  return {std::move(principal), "", epoch, ++sequence};
}

class Pipeline::Implementation {
 public:
  Implementation(control::ControlStore& control, const IngestDecoder& decoder, const PipelineOptions& options)
      : control_(control),
        decoder_(decoder),
        options_(options),
        admission_(options.queued_requests, options.queued_bytes, metrics_),
        decoding_(options.decoding_requests) {}

  ~Implementation() { stop(); }

  Result<void> start(store::EventStore& store, detect::Detector& detector, const Clock& clock) {
    auto committer = Committer::start({store, control_, detector, clock, metrics_, options_.log, options_.gate},
                                      options_.remembered_copies);
    if (!committer) return std::unexpected(committer.error());
    committer_ = std::move(*committer);
    thread_ = std::jthread([this] { run(); });
    return {};
  }

  Result<IngestAnswer> ingest(const IngestRequest& request) {
    if (stopped_) return fail(ErrorCode::unavailable, "the server is stopping");
    if (request.key.principal.size() > kMaxKeyText || request.key.source.size() > kMaxKeyText) {
      return fail(ErrorCode::invalid_input, fmt::format("a source's name has {} bytes at most", kMaxKeyText));
    }
    ++metrics_.requests;
    metrics_.body_bytes += request.body.size();
    // Before anything that costs time.
    std::optional<Admission::Ticket> ticket = admission_.enter(request.key.principal, request.body.size());
    if (!ticket) return fail(ErrorCode::busy, "too much is waiting to be stored: retry in a moment");
    const Sha256Digest body_hash = sha256(request.body);
    const InFlightKeys::Claim claim = keys_.claim(request.key);
    for (;;) {
      const auto known = control_.manifests().find(request.key);
      if (!known) return std::unexpected(known.error());
      if (*known) {
        return (*known)->body_hash == body_hash ? replay(**known, request, *ticket)
                                                : conflict(**known, body_hash, request);
      }
      auto answer = ingest_new(request, body_hash, *ticket);
      if (!answer) return std::unexpected(answer.error());
      if (*answer) return std::move(**answer);
    }
  }

  void stop() {
    stopped_ = true;
    queue_.close();
    const std::scoped_lock lock(stop_mutex_);
    if (thread_.joinable()) thread_.join();
  }

  bool ready() const { return !stopped_ && !committer_->failing(); }
  Committer& committer() { return *committer_; }
  const PipelineMetrics& metrics() const { return metrics_; }

 private:
  // nullopt: the key got a manifest meanwhile, from a repair.
  Result<std::optional<IngestAnswer>> ingest_new(const IngestRequest& request, const Sha256Digest& body_hash,
                                                 Admission::Ticket& ticket) {
    auto decoded = decode(request, ticket);
    if (!decoded) return std::unexpected(decoded.error());
    auto item = std::make_unique<CommitItem>();
    item->key = request.key;
    item->body_hash = body_hash;
    item->format = to_string(request.format);
    item->copy_candidates = copy_candidates(decoded->events);
    item->size_bytes = ticket.size_bytes();
    item->since = ticket.since();
    item->decoded = std::move(*decoded);

    IngestAnswer answer{item->decoded.events.size(), item->decoded.rejected_count, lines_of(item->decoded), false, 0};
    const CommitResult number = commit(std::move(item));
    if (!number) return std::unexpected(number.error());
    if (!*number) return std::nullopt;
    answer.batch = **number;
    return answer;
  }

  Result<sources::Decoded> decode(const IngestRequest& request, Admission::Ticket& ticket) {
    const FairTurns::Turn turn(decoding_, request.key);
    const auto begin = std::chrono::steady_clock::now();
    auto decoded = decoder_.decode(request, [&](std::size_t size_bytes) { return ticket.grow_to(size_bytes); });
    raise(metrics_.mask_us, decoder_.masking_us());
    if (decoded) name_source(request.key.source, decoded->events);
    const auto elapsed = std::chrono::steady_clock::now() - begin;
    metrics_.decode_us +=
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count());
    return decoded;
  }

  CommitResult commit(std::unique_ptr<CommitItem> item) {
    std::future<CommitResult> outcome = item->outcome.get_future();
    if (!queue_.push(std::move(item))) return fail(ErrorCode::unavailable, "the server is stopping");
    return outcome.get();
  }

  // The stored answer; where there is none, decoding again gives it.
  Result<IngestAnswer> replay(const control::Manifest& manifest, const IngestRequest& request,
                              Admission::Ticket& ticket) {
    auto stored = control_.manifests().answer(manifest.number);
    if (!stored) return std::unexpected(stored.error());
    if (!*stored) {
      auto decoded = decode(request, ticket);
      if (!decoded) return std::unexpected(decoded.error());
      // What is stored counts, should a newer decoder see more in the same bytes.
      *stored = control::StoredAnswer{manifest.event_count, decoded->rejected_count, lines_of(*decoded)};
      const auto completed = control_.complete_answer(manifest, **stored, decoded->rejected);
      if (!completed) return std::unexpected(completed.error());
      metrics_.quarantine_dropped += *completed;
    }
    ++metrics_.batches_replayed;
    return answer_of(std::move(**stored), manifest.number, true);
  }

  Result<IngestAnswer> conflict(const control::Manifest& manifest, const Sha256Digest& body_hash,
                                const IngestRequest& request) {
    ++metrics_.conflicts;
    const alerts::Alert alert = conflict_alert(manifest, body_hash, request.context);
    const auto opened = control_.alerts().exists(alert.id);
    if (!opened) return std::unexpected(opened.error());
    if (!*opened) {
      // As a batch without events, so that the alert is in the chain like every other.
      auto item = std::make_unique<CommitItem>();
      item->key = make_server_key("sightline");
      item->body_hash = body_hash;
      item->format = "internal";
      item->alerts.push_back(alert);
      if (const auto stored = commit(std::move(item)); !stored) return std::unexpected(stored.error());
    }
    const BatchKey& key = manifest.key;
    return fail(ErrorCode::conflict, fmt::format("{}/{}/{} was used for another body, received at {}", key.source,
                                                 key.epoch, key.sequence, manifest.received_time_ms));
  }

  void run() {
    constexpr std::chrono::microseconds kMaxPatience(100'000);
    std::chrono::microseconds last_commit{0};
    for (;;) {
      const bool failing = committer_->failing();
      // One batch at a time while something fails, so that a batch which cannot be stored keeps no other from it.
      const GroupLimits limits{options_.group_events, options_.group_bytes, failing ? 1 : options_.group_batches,
                               options_.group_shares, std::min(last_commit / 4, kMaxPatience)};
      auto group = queue_.take(limits, failing ? std::optional(options_.repair_interval_ms) : std::nullopt);
      if (!group) return;
      if (group->empty()) {
        (void)committer_->repair();
      } else {
        const auto begin = std::chrono::steady_clock::now();
        committer_->commit(std::move(*group));
        last_commit = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin);
      }
    }
  }

  control::ControlStore& control_;
  const IngestDecoder& decoder_;
  const PipelineOptions options_;
  PipelineMetrics metrics_;
  InFlightKeys keys_;
  Admission admission_;
  FairTurns decoding_;
  CommitQueue queue_;
  std::unique_ptr<Committer> committer_;
  std::atomic<bool> stopped_{false};
  std::mutex stop_mutex_;
  std::jthread thread_;
};

Pipeline::Pipeline(std::unique_ptr<Implementation> implementation) : implementation_(std::move(implementation)) {}
Pipeline::~Pipeline() = default;

Result<std::unique_ptr<Pipeline>> Pipeline::start(store::EventStore& store, control::ControlStore& control,
                                                  detect::Detector& detector, const IngestDecoder& decoder,
                                                  const Clock& clock, const PipelineOptions& options) {
  auto implementation = std::make_unique<Implementation>(control, decoder, options);
  if (const auto started = implementation->start(store, detector, clock); !started) {
    return std::unexpected(started.error());
  }
  return std::unique_ptr<Pipeline>(new Pipeline(std::move(implementation)));
}

Result<IngestAnswer> Pipeline::ingest(const IngestRequest& request) { return implementation_->ingest(request); }
std::uint64_t Pipeline::newest_batch() const { return implementation_->committer().newest_batch(); }
void Pipeline::replace_rules(std::shared_ptr<const detect::ActiveRules> rules) {
  implementation_->committer().replace_rules(std::move(rules));
}
std::shared_ptr<const detect::ActiveRules> Pipeline::rules() const { return implementation_->committer().rules(); }
void Pipeline::stop() { implementation_->stop(); }
bool Pipeline::ready() const { return implementation_->ready(); }
const PipelineMetrics& Pipeline::metrics() const { return implementation_->metrics(); }

}  // namespace sightline::server
