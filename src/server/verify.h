// Checks everything committed against the hash chain.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
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
  events_missing,
  events_extra,
  header_changed,    // the batch's header in the store contradicts its manifest
  manifest_changed,  // the link does not follow from the manifest's members and the link before
  manifest_missing,  // a gap in the numbers
  alerts_changed,    // alerts or their evidence are not those the batch opened
  batch_unknown,     // in the store, but no manifest speaks of it
  unreadable,        // the store or the control database cannot return it
  audit_log_changed,
  head_unexpected,  // the head noted earlier is not in the chain
};
std::string_view to_string(FindingKind kind);

struct Finding {
  FindingKind kind = FindingKind::unreadable;
  std::uint64_t batch = 0;  // 0: none in particular; of audit_log_changed, the entry's number
  std::string detail;       // what was expected and what is there
};

struct VerifyOptions {
  // A head that was noted outside, e.g. printed by an earlier run: it must be a link of the chain.
  std::optional<Sha256Digest> expect_head;
  // True while a pipeline commits: batches above the newest manifest are then its business, not a finding.
  bool online = false;
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;  // batches
};

struct VerifyReport {
  control::ChainHead head;  // note it: with it, not even someone who rewrites both databases goes unseen
  std::uint64_t batches = 0;
  std::uint64_t events = 0;
  std::uint64_t alerts = 0;
  std::uint64_t audit_entries = 0;
  std::uint64_t finding_count = 0;
  std::vector<Finding> findings;  // by batch, the first 1,000
  bool intact() const { return finding_count == 0; }
};

// Reads everything once, a batch at a time. Errors: unavailable, corrupt where nothing can be read at all.
Result<VerifyReport> verify(store::EventStore& store, control::ControlStore& control, const VerifyOptions& options);

}  // namespace sightline::server
