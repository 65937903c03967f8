#include "server/committer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "alerts/alert_builder.h"
#include "detect/ruleset.h"
#include "event/canonical.h"

namespace sightline::server {

namespace {

constexpr std::chrono::seconds kGatePatience(10);

// Adds the time until it is destroyed.
class Stopwatch {
 public:
  explicit Stopwatch(PipelineMetrics::Value& total_us) : total_us_(total_us) {}
  ~Stopwatch() {
    const auto elapsed = std::chrono::steady_clock::now() - begin_;
    total_us_ += static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count());
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  PipelineMetrics::Value& total_us_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

control::StoredAnswer answer_of(const sources::Decoded& decoded) {
  control::StoredAnswer answer{decoded.events.size(), decoded.rejected_count, {}};
  for (const sources::Rejected& rejected : decoded.rejected) answer.rejected.push_back({rejected.line, rejected.error});
  return answer;
}

void complete_events(const BatchKey& key, std::int64_t received_time_ms, EventBatch& events) {
  const BatchId batch = make_batch_id(key);
  std::uint32_t index = 0;
  for (Event& event : events.events()) {
    event.id = make_event_id(batch, index++);
    event.received_time_ms = received_time_ms;
    if (event.event_time_ms == 0) event.event_time_ms = received_time_ms;
  }
}

void mark_matches(const detect::Detection& detection, EventBatch& events) {
  for (const detect::Firing& firing : detection.firings) {
    for (const std::size_t index : firing.event_indices) {
      events.events()[index].add_text(FieldId::rule_matches, events.arena().copy(firing.rule->id));
    }
  }
}

}  // namespace

Sha256Digest content_hash(std::span<const Event> events) {
  if (events.empty()) return {};
  Sha256 hash;
  std::string form;
  for (const Event& event : events) {
    form.clear();
    append_canonical(form, event);
    hash.update(form);
  }
  return hash.finish();
}

Committer::Committer(const CommitterDependencies& dependencies)
    : use_(dependencies), rules_(dependencies.detector.rules()) {}

Result<std::unique_ptr<Committer>> Committer::start(const CommitterDependencies& dependencies,
                                                    std::uint64_t remembered_copies) {
  std::unique_ptr<Committer> committer(new Committer(dependencies));
  auto copies = CopyIndex::load(dependencies.control, dependencies.store, remembered_copies);
  if (!copies) return std::unexpected(copies.error());
  committer->copies_ = std::move(*copies);
  auto rows = dependencies.control.detector_state();
  if (!rows) return std::unexpected(rows.error());
  detect::StateDelta state;
  for (control::StateRow& row : *rows) state.rows.push_back({std::move(row.key), std::move(row.value)});
  dependencies.detector.apply(state);
  if (const auto repaired = committer->repair(); !repaired) return std::unexpected(repaired.error());
  return committer;
}

void Committer::replace_rules(std::shared_ptr<const detect::ActiveRules> rules) {
  const std::scoped_lock lock(rules_mutex_);
  rules_ = std::move(rules);
}

std::shared_ptr<const detect::ActiveRules> Committer::rules() const {
  const std::scoped_lock lock(rules_mutex_);
  return rules_;
}

void Committer::take_new_rules() {
  std::shared_ptr<const detect::ActiveRules> newest = rules();
  if (newest != use_.detector.rules()) use_.detector.replace_rules(std::move(newest));
}

// Whoever closed the gate and does not open it again holds up telemetry once, for kGatePatience. What it sees from then
// on may change while it looks.
void Committer::commit(CommitQueue::Group group) {
  if (use_.gate == nullptr) return commit_passed(std::move(group));
  const bool gave_up_before = use_.gate->gave_up();
  if (!use_.gate->pass(kGatePatience) && !gave_up_before && use_.log != nullptr) {
    use_.log->warning(
        "commits no longer wait for the gate: a backup, retention or doctor holds it for too long, or it cannot be "
        "locked");
  }
  commit_passed(std::move(group));
  use_.gate->leave();
}

void Committer::commit_passed(CommitQueue::Group group) {
  take_new_rules();
  for (const std::unique_ptr<CommitItem>& item : group) {
    const auto waited = std::chrono::steady_clock::now() - item->since;
    use_.metrics.wait_us +=
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(waited).count());
  }
  Result<void> done = needs_repair_ ? repair() : Result<void>();
  if (done) done = answer_those_there(group);
  if (done && !group.empty()) {
    if (const auto outcome = commit_group(group); !outcome) done = std::unexpected(outcome.error());
  }
  ++use_.metrics.commits;
  if (!done) {
    ++use_.metrics.commits_failed;
    if (use_.log != nullptr) use_.log->error("batches were not committed", {{"error", done.error().message}});
    refuse(std::move(group), done.error());
  } else if (group.empty()) {
    failing_ = false;
  }
}

// Takes those out of the group whose keys have manifests: a repair may have written one after the pipeline looked.
Result<void> Committer::answer_those_there(CommitQueue::Group& group) {
  Result<void> result;
  std::erase_if(group, [&](const std::unique_ptr<CommitItem>& item) {
    if (!result) return false;
    const auto known = use_.control.manifests().find(item->key);
    if (!known) result = std::unexpected(known.error());
    if (!known || !*known) return false;
    item->outcome.set_value(std::nullopt);
    return true;
  });
  return result;
}

// Nothing is said to be lost, or stored, that is not known to be.
void Committer::refuse(CommitQueue::Group group, const Error& error) {
  const bool began = needs_repair_;
  const bool repaired = !began || repair().has_value();
  failing_ = true;  // before anybody is answered
  const bool may_be_stored = began && (!repaired || !answer_those_there(group));
  const std::string message =
      may_be_stored ? fmt::format(
                          "it is not known yet whether this batch was stored ({}). With the same "
                          "Idempotency-Key it is stored once, however often it is sent; sent again without "
                          "that header, its events may be there twice",
                          error.message)
                    : fmt::format("not stored, send it again: {}", error.message);
  for (const std::unique_ptr<CommitItem>& item : group) {
    item->outcome.set_value(fail(ErrorCode::unavailable, message));
  }
}

Result<control::CommitOutcome> Committer::commit_group(std::span<const std::unique_ptr<CommitItem>> group) {
  Prepared prepared = number_batches(group);
  if (const auto marked = mark_copies(prepared); !marked) {
    copies_->drop();
    return std::unexpected(marked.error());
  }
  detect_group(prepared);
  for (std::size_t i = 0; i < prepared.items.size(); ++i) {
    prepared.commits[i].manifest.content_hash = content_hash(prepared.items[i]->decoded.events.events());
  }
  // From here on the store may hold batches without a manifest.
  needs_repair_ = true;
  if (const auto appended = append(prepared); !appended) {
    copies_->drop();
    return std::unexpected(appended.error());
  }
  auto outcome = write_manifests(prepared);
  if (!outcome) {
    copies_->drop();
    return outcome;
  }
  needs_repair_ = false;
  failing_ = false;
  adopt(*outcome, prepared);
  count(prepared, *outcome);
  std::uint64_t number = head_.number - prepared.items.size();
  for (CommitItem* item : prepared.items) item->outcome.set_value(++number);
  return outcome;
}

Committer::Prepared Committer::number_batches(std::span<const std::unique_ptr<CommitItem>> group) const {
  Prepared prepared;
  for (const std::unique_ptr<CommitItem>& item : group) prepared.items.push_back(item.get());
  std::ranges::stable_partition(prepared.items, [](const CommitItem* item) { return !item->decoded.events.empty(); });

  const std::int64_t now_ms = use_.clock.now_ms();
  std::uint64_t number = head_.number;
  for (CommitItem* item : prepared.items) {
    ++number;
    complete_events(item->key, now_ms, item->decoded.events);
    for (alerts::Alert& alert : item->alerts) alert.created_ms = alert.event_time_ms = now_ms;

    control::BatchCommit& commit = prepared.commits.emplace_back();
    commit.manifest.key = item->key;
    commit.manifest.body_hash = item->body_hash;
    commit.manifest.format = item->format;
    commit.manifest.received_time_ms = now_ms;
    commit.manifest.event_count = item->decoded.events.size();
    commit.answer = answer_of(item->decoded);
    commit.alerts = std::move(item->alerts);
    commit.rejected_count = item->decoded.rejected_count;
    commit.rejected = std::move(item->decoded.rejected);
    if (!item->decoded.events.empty()) {
      prepared.pending.push_back({{number, item->key, item->body_hash, item->format, now_ms}, &item->decoded.events});
    }
  }
  return prepared;
}

Result<void> Committer::mark_copies(Prepared& prepared) {
  std::vector<CopyBatch> batches;
  for (std::size_t i = 0; i < prepared.pending.size(); ++i) {
    CommitItem& item = *prepared.items[i];
    const store::BatchHeader& header = prepared.pending[i].header;
    batches.push_back({header.number, &item.key, header.received_time_ms, &item.decoded.events, item.copy_candidates});
  }
  auto firsts = copies_->mark(batches);
  if (!firsts) return std::unexpected(firsts.error());
  for (std::size_t i = 0; i < firsts->size(); ++i) {
    prepared.duplicates += batches[i].candidates.size() - (*firsts)[i].size();
    prepared.commits[i].new_copies = std::move((*firsts)[i]);
  }
  return {};
}

void Committer::detect_group(Prepared& prepared) {
  const Stopwatch stopwatch(use_.metrics.detect_us);
  for (std::size_t i = 0; i < prepared.pending.size(); ++i) {
    detect_batch(prepared.items[i]->decoded.events, false, prepared.commits[i], prepared);
  }
}

void Committer::detect_batch(EventBatch& events, bool marked, control::BatchCommit& commit, Prepared& prepared) {
  // The time of the batch, not of the clock: detecting again after a crash must make the same alerts.
  const std::int64_t now_ms = commit.manifest.received_time_ms;
  detect::Detection detection = use_.detector.detect(events, now_ms);
  detect::drop_uncovered(detection, events, [&](std::string_view agent) -> std::optional<std::vector<std::string>> {
    auto tags = use_.control.agents().tags(agent);
    if (!tags) return std::nullopt;
    return std::move(*tags);
  });
  if (!marked) mark_matches(detection, events);  // before alerts are built: their evidence is the event as it is stored
  std::vector<alerts::Alert> found = alerts::build_alerts(detection, events, now_ms);
  std::ranges::move(found, std::back_inserter(commit.alerts));
  for (detect::StateDelta::Row& row : detection.delta.rows) {
    prepared.state.push_back({row.key, row.value});
    prepared.delta.rows.push_back(std::move(row));
  }
  use_.metrics.match_cpu_ns = use_.detector.cpu_ns();
  note_rules_set_aside();
}

void Committer::note_rules_set_aside() {
  for (const detect::SetAside& rule : use_.detector.take_set_aside()) {
    ++use_.metrics.rules_set_aside;
    if (use_.log != nullptr) use_.log->error("rule set aside", {{"rule_id", rule.rule_id}, {"reason", rule.reason}});
    const control::AuditEntry entry{0, use_.clock.now_ms(), "sightlined", "rule.set_aside", rule.rule_id, rule.reason,
                                    {}};
    if (const auto noted = use_.control.audit_log().append(entry); !noted && use_.log != nullptr) {
      use_.log->error("the audit log lacks that a rule was set aside", {{"error", noted.error().message}});
    }
  }
}

Result<void> Committer::append(const Prepared& prepared) {
  if (prepared.pending.empty()) return {};
  const Stopwatch stopwatch(use_.metrics.append_us);
  return use_.store.append(prepared.pending);
}

Result<control::CommitOutcome> Committer::write_manifests(Prepared& prepared) {
  const Stopwatch stopwatch(use_.metrics.commit_us);
  return use_.control.commit(head_.number, prepared.commits, prepared.state);
}

void Committer::adopt(const control::CommitOutcome& outcome, const Prepared& prepared) {
  use_.detector.apply(prepared.delta);
  copies_->keep();
  head_ = outcome.head;
  newest_batch_ = head_.number;
}

void Committer::count(const Prepared& prepared, const control::CommitOutcome& outcome) {
  for (const control::BatchCommit& commit : prepared.commits) {
    use_.metrics.events_accepted += commit.manifest.event_count;
    use_.metrics.lines_rejected += commit.rejected_count;
  }
  use_.metrics.events_duplicate += prepared.duplicates;
  use_.metrics.batches_committed += prepared.commits.size();
  use_.metrics.alerts_opened += outcome.alerts_opened;
  use_.metrics.quarantine_dropped += outcome.quarantine_dropped;
}

}  // namespace sightline::server
