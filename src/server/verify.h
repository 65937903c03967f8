// Checks everything committed against the hash chain.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/hash.h"
#include "control/control_store.h"
#include "store/event_store.h"

namespace sightline::server {

enum class FindingKind : std::uint8_t {
  content_changed,  // as many events as were committed, but not the same
  form_changed,     // a row is not stored as it was written: the same event, but searches may pass it over
  search_gap,       // searches pass over what is stored
  events_missing,
  events_extra,
  header_changed,    // the batch's header in the store contradicts its manifest
  manifest_changed,  // the link does not follow from the manifest's members and the link before
  manifest_missing,  // a gap in the numbers
  chain_cut,         // the chain, or the audit log, does not end where it did
  alerts_changed,    // alerts or their evidence are not those the batch opened
  alert_planted,     // an alert, or evidence, that no batch brought
  status_changed,    // status or dismissal of an alert are not what the audit log says
  batch_unknown,     // in the store, but no manifest speaks of it
  removed_present,   // retention removed it, and some of it is there
  unreadable,        // the store or the control database cannot return it
  audit_log_changed,
  token_changed,          // a token is not what the audit log says, or gone
  damaged,                // the file of the control database contradicts itself
  head_unexpected,        // the head noted earlier is not in the chain
  audit_head_unexpected,  // the same of the audit log
};
std::string_view to_string(FindingKind kind);

struct Finding {
  FindingKind kind = FindingKind::unreadable;
  std::uint64_t batch = 0;  // 0: none in particular; of audit_log_changed, the entry's number
  std::string detail;       // what was expected and what is there
};

struct VerifyOptions {
  // Heads that were noted outside, e.g. printed by an earlier run: they must be links of the chains.
  std::optional<Sha256Digest> expect_head;
  std::optional<Sha256Digest> expect_audit_head;
  // True while a pipeline commits: batches above the newest manifest are then its business, not a finding.
  bool online = false;
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;  // batches
  std::stop_token stop;  // looked at between reads, of which each takes about a second at most
};

struct VerifyReport {
  // Note them: with them, not even someone who rewrites both databases goes unseen.
  control::ChainHead head;
  control::ChainHead audit_head;
  std::uint64_t batches = 0;
  std::uint64_t events = 0;
  std::uint64_t alerts = 0;
  std::uint64_t audit_entries = 0;
  std::uint64_t removed_batches = 0;  // of `batches`, those that the audit log says retention removed
  std::uint64_t removed_events = 0;   // in them; not in `events`
  std::uint64_t finding_count = 0;
  std::vector<Finding> findings;  // by batch, the first 1,000
  bool intact() const { return finding_count == 0; }
};

// Reads everything once, some batches at a time. Errors: unavailable, corrupt where nothing can be read at all;
// cancelled where it was stopped: the message says how far it had come and what it had found.
Result<VerifyReport> verify(store::EventStore& store, control::ControlStore& control, const VerifyOptions& options);

}  // namespace sightline::server
