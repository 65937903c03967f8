#include "server/copy_index.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <map>

#include "base/hash.h"
#include "server/stored_copies.h"

namespace sightline::server {

namespace {

using Fingerprint = std::array<std::uint8_t, 16>;

// Part of a SHA-256 is as good a hash as any.
struct FingerprintHash {
  using is_avalanching = void;
  std::size_t operator()(const Fingerprint& fingerprint) const {
    std::size_t value = 0;
    std::memcpy(&value, fingerprint.data(), sizeof value);
    return value;
  }
};

// Batch and index in one word: 40 bits are a batch every microsecond for twelve days, or 1,000 a second for 34 years.
struct Location {
  std::uint64_t packed = 0;
  static Location of(std::uint64_t batch, std::uint32_t index) { return {batch << 24 | index}; }
  std::uint64_t batch() const { return packed >> 24; }
  std::uint32_t index() const { return static_cast<std::uint32_t>(packed & 0xffffff); }
};
constexpr std::uint32_t kMaxIndex = 0xffffff;

using Table = boost::unordered_flat_map<Fingerprint, Location, FingerprintHash>;

struct Generation {
  Table table;
  std::uint64_t first_batch = 0;
  std::int64_t newest_received_ms = 0;

  void add(const Fingerprint& fingerprint, Location location, std::int64_t received_ms) {
    if (table.empty()) first_batch = location.batch();
    newest_received_ms = std::max(newest_received_ms, received_ms);
    table.try_emplace(fingerprint, location);
  }
};

// How far the clocks of AWS and of this machine may be apart.
constexpr std::int64_t kClockSlackMs = 3'600'000;

}  // namespace

std::vector<CopyCandidate> copy_candidates(const EventBatch& events) {
  std::vector<CopyCandidate> candidates;
  std::uint32_t index = 0;
  for (const Event& event : events.events()) {
    const std::uint32_t position = index++;
    if (event.text(FieldId::event_type) != "cloudtrail" || event.find(FieldId::duplicate_of) != nullptr) continue;
    const auto event_id = event.text(FieldId::event_id);
    if (!event_id || position > kMaxIndex) continue;
    const Sha256Digest digest = Sha256()
                                    .update_framed(event.text(FieldId::recipient_account_id).value_or(""))
                                    .update_framed(*event_id)
                                    .finish();
    CopyCandidate candidate{{}, position};
    std::copy_n(digest.begin(), candidate.fingerprint.size(), candidate.fingerprint.begin());
    candidates.push_back(candidate);
  }
  return candidates;
}

struct CopyIndex::State {
  State(control::ControlStore& given_control, store::EventStore& given_store, std::uint64_t remembered)
      : control(given_control), store(given_store), generation_size(std::max<std::uint64_t>(remembered / 2, 1)) {}

  control::ControlStore& control;
  store::EventStore& store;
  std::uint64_t generation_size;
  // Two generations: when the current one is full, it replaces the previous one, and that one is forgotten.
  Generation current;
  Generation previous;
  control::CopyHorizon horizon;

  // Found by mark() since the last keep() or drop().
  Generation pending;
  std::map<std::uint64_t, BatchKey> pending_keys;

  std::optional<Location> find(const Fingerprint& fingerprint) const {
    for (const Generation* generation : {&pending, &current, &previous}) {
      const auto found = generation->table.find(fingerprint);
      if (found != generation->table.end()) return found->second;
    }
    return std::nullopt;
  }

  bool may_be_forgotten(const Event& event) const {
    return horizon.forgotten_below > 0 && event.event_time_ms <= horizon.forgotten_until_ms + kClockSlackMs;
  }

  // The id of the event at that place.
  Result<EventId> id_at(Location location) {
    const auto pending_key = pending_keys.find(location.batch());
    if (pending_key != pending_keys.end()) return make_event_id(pending_key->second, location.index());
    const auto manifest = control.manifests().read(location.batch());
    if (!manifest) return std::unexpected(manifest.error());
    if (!*manifest) return fail(ErrorCode::corrupt, "the batch of a remembered CloudTrail event has no manifest");
    return make_event_id((*manifest)->key, location.index());
  }

  // True where it rotated.
  bool rotate_if_full() {
    if (current.table.size() < generation_size) return false;
    if (!previous.table.empty()) {
      horizon.forgotten_below = current.first_batch;
      horizon.forgotten_until_ms = std::max(horizon.forgotten_until_ms, previous.newest_received_ms);
    }
    previous = std::move(current);
    current = {};
    return true;
  }
};

CopyIndex::CopyIndex(std::unique_ptr<State> state) : state_(std::move(state)) {}
CopyIndex::~CopyIndex() = default;

Result<std::unique_ptr<CopyIndex>> CopyIndex::load(control::ControlStore& control, store::EventStore& store,
                                                   std::uint64_t remembered) {
  auto state = std::make_unique<State>(control, store, remembered);
  const auto horizon = control.copies().horizon();
  if (!horizon) return std::unexpected(horizon.error());
  state->horizon = *horizon;
  const auto loaded = control.copies().for_each([&](const control::BatchFingerprints& batch) {
    for (const control::CopyFingerprint& entry : batch.fingerprints) {
      state->current.add(entry.fingerprint, Location::of(batch.batch, entry.index), batch.received_time_ms);
    }
    state->rotate_if_full();
  });
  if (!loaded) return std::unexpected(loaded.error());
  return std::unique_ptr<CopyIndex>(new CopyIndex(std::move(state)));
}

namespace {

void mark_copy(EventBatch& batch, Event& event, const EventId& first) {
  event.add_text(FieldId::duplicate_of, batch.arena().copy(to_string(first)));
}

}  // namespace

Result<std::vector<std::vector<control::CopyFingerprint>>> CopyIndex::mark(std::span<const CopyBatch> batches) {
  std::vector<std::vector<control::CopyFingerprint>> firsts(batches.size());
  for (std::size_t position = 0; position < batches.size(); ++position) {
    const CopyBatch& batch = batches[position];
    state_->pending_keys[batch.number] = *batch.key;
    std::vector<const Event*> unsure;
    for (const CopyCandidate& candidate : batch.candidates) {
      const Event& event = batch.events->events()[candidate.index];
      if (!state_->find(candidate.fingerprint) && state_->may_be_forgotten(event)) unsure.push_back(&event);
    }
    const auto stored = find_stored_firsts(state_->store, unsure);
    if (!stored) return std::unexpected(stored.error());

    for (const CopyCandidate& candidate : batch.candidates) {
      Event& event = batch.events->events()[candidate.index];
      if (const std::optional<EventId> first = stored->find(event)) {
        mark_copy(*batch.events, event, *first);
      } else if (const auto location = state_->find(candidate.fingerprint)) {
        const auto id = state_->id_at(*location);
        if (!id) return std::unexpected(id.error());
        mark_copy(*batch.events, event, *id);
      } else {
        state_->pending.add(candidate.fingerprint, Location::of(batch.number, candidate.index), batch.received_time_ms);
        firsts[position].push_back({candidate.fingerprint, candidate.index});
      }
    }
  }
  return firsts;
}

std::vector<control::CopyFingerprint> CopyIndex::note_stored(const CopyBatch& batch) {
  std::vector<control::CopyFingerprint> firsts;
  for (const CopyCandidate& candidate : batch.candidates) {
    if (state_->find(candidate.fingerprint)) continue;
    state_->pending.add(candidate.fingerprint, Location::of(batch.number, candidate.index), batch.received_time_ms);
    firsts.push_back({candidate.fingerprint, candidate.index});
  }
  return firsts;
}

void CopyIndex::keep() {
  for (const auto& [fingerprint, location] : state_->pending.table) {
    state_->current.add(fingerprint, location, state_->pending.newest_received_ms);
  }
  if (!state_->pending.table.empty() && !state_->current.table.empty()) {
    // The table has no order: the generation starts at its oldest batch.
    state_->current.first_batch = std::min(state_->current.first_batch, state_->pending.first_batch);
  }
  drop();
  if (state_->rotate_if_full() && state_->horizon.forgotten_below > 0) {
    // Where this fails, the rows stay, and the next rotation or start lets go of them.
    (void)state_->control.copies().forget(state_->horizon);
  }
}

void CopyIndex::drop() {
  state_->pending = {};
  state_->pending_keys.clear();
}

std::size_t CopyIndex::size() const { return state_->current.table.size() + state_->previous.table.size(); }

}  // namespace sightline::server
