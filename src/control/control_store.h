// The control plane's state: what a batch commits besides its events, and everything that people configure.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "alerts/alert.h"
#include "base/error.h"
#include "control/agent_table.h"
#include "control/alert_table.h"
#include "control/audit_log.h"
#include "control/copies.h"
#include "control/manifests.h"
#include "control/quarantine.h"
#include "control/retention.h"
#include "control/rule_table.h"
#include "control/tokens.h"
#include "sources/decoder.h"

namespace sightline::control {

// A row of the detector's state; no value removes it.
struct StateRow {
  std::string key;
  std::optional<std::string> value;
};

// One batch of a commit.
struct BatchCommit {
  Manifest manifest;                   // number and link are set by commit(), the rest by the caller
  std::optional<StoredAnswer> answer;  // nullopt: recovered
  std::vector<alerts::Alert> alerts;   // those that exist already are left as they are
  std::vector<sources::Rejected> rejected;
  std::uint64_t rejected_count = 0;         // may exceed rejected.size()
  std::vector<CopyFingerprint> new_copies;  // copies.h
};

struct CommitOutcome {
  ChainHead head;
  std::uint64_t alerts_opened = 0;
  std::uint64_t quarantine_dropped = 0;  // lines, of these or earlier batches
};

struct ControlOptions {
  QuarantineLimits quarantine = {};
  std::uint64_t kept_answers = 100'000;  // newest batches whose answers keep their rejected lines
};

// One SQLite file, DIR/control.db. Thread-safe: one serialised connection.
class ControlStore {
 public:
  // `directory` exists. Errors: conflict (the file was written by a newer version; the message names both), corrupt,
  // unavailable.
  static Result<std::unique_ptr<ControlStore>> open(const std::filesystem::path& directory,
                                                    ControlOptions options = {});
  ~ControlStore();

  // All or nothing, durable when it returns: manifests with their chain links, answers, alerts with evidence, state,
  // quarantine, fingerprints. Batches are numbered on from `after`, which must be the head: conflict otherwise.
  // On an error nothing was written.
  Result<CommitOutcome> commit(std::uint64_t after, std::span<BatchCommit> batches, std::span<const StateRow> state);

  // The answer of a batch that was recovered without one, or whose lines were let go of since. The rejected lines are
  // quarantined where they never were. Returns how many quarantined lines made way.
  Result<std::uint64_t> complete_answer(const Manifest& manifest, const StoredAnswer& answer,
                                        std::span<const sources::Rejected> rejected);

  // What SQLite itself finds wrong with the file; at most `limit` lines. Reads all of it; others need not wait.
  Result<std::vector<std::string>> damage(std::uint32_t limit);

  // The detector's state, all rows.
  Result<std::vector<StateRow>> detector_state();

  ManifestTable& manifests();
  AlertTable& alerts();
  QuarantineTable& quarantine();
  AuditLog& audit_log();
  TokenTable& tokens();
  CopyTable& copies();
  RetentionTable& retention();
  AgentTable& agents();
  RuleTable& rules();

 private:
  struct State;
  explicit ControlStore(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sightline::control
