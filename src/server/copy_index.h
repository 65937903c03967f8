// Finds CloudTrail events that were delivered before (same recipientAccountId and eventID).
//
// Memory is bounded and the answer exact all the same: the newest events are remembered by fingerprint, and copies of
// older ones are looked for in the store. Copies carry the time of their first, which cannot have arrived before it
// happened; so an event younger than everything forgotten needs no search. Live telemetry never searches, only
// historical loads do once the memory is full. docs/decisions/0051-cloudtrail-copies.md has the figures.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/error.h"
#include "control/control_store.h"
#include "event/event.h"
#include "store/event_store.h"

namespace sightline::server {

// An event that may have copies.
struct CopyCandidate {
  std::array<std::uint8_t, 16> fingerprint{};  // of account and eventID
  std::uint32_t index = 0;                     // in its batch
};

// The events of a batch that may have copies and are not marked as one. Pure.
std::vector<CopyCandidate> copy_candidates(const EventBatch& events);

// A batch about to be committed.
struct CopyBatch {
  std::uint64_t number = 0;
  const BatchKey* key = nullptr;
  std::int64_t received_time_ms = 0;
  EventBatch* events = nullptr;  // with their ids
  std::span<const CopyCandidate> candidates;
};

// Not thread-safe.
class CopyIndex {
 public:
  // Loads what was remembered. At most about `remembered` events are.
  static Result<std::unique_ptr<CopyIndex>> load(control::ControlStore& control, store::EventStore& store,
                                                 std::uint64_t remembered);
  ~CopyIndex();

  // Marks the copies in these batches with duplicate_of and returns the fingerprints of the firsts, by batch. They
  // count from now on, and for good only once keep() is called. Errors: those of a search in the store.
  Result<std::vector<std::vector<control::CopyFingerprint>>> mark(std::span<const CopyBatch> batches);

  // The same for a batch that is stored already: nothing is marked.
  std::vector<control::CopyFingerprint> note_stored(const CopyBatch& batch);

  // After the commit: keeps what mark() and note_stored() found. On the other hand, drop() forgets it.
  void keep();
  void drop();

  std::size_t size() const;  // events remembered

 private:
  struct State;
  explicit CopyIndex(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sightline::server
