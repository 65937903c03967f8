#include "agent/spool/spool.h"

#include <fmt/format.h>
#include <sodium.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <mutex>
#include <tuple>
#include <utility>

#include "agent/spool/folder.h"
#include "agent/spool/recovery.h"
#include "agent/spool/segment_reader.h"
#include "agent/spool/segment_writer.h"
#include "agent/spool/state_file.h"

namespace sightline::agent {

namespace {

using Found = SegmentReader::Found;

constexpr std::size_t kMaxTold = 1'000;  // entries of damage that wait to be taken

Result<void> check_limits(const Batch& batch) {
  if (batch.body.size() > kMaxBodyBytes) {
    return fail(ErrorCode::too_large,
                fmt::format("a body of {} bytes; {} are taken", batch.body.size(), kMaxBodyBytes));
  }
  if (batch.source.empty() || batch.source.size() > kMaxSourceBytes || batch.format.size() > kMaxFormatBytes ||
      batch.cursor.size() > kMaxCursorBytes) {
    return fail(ErrorCode::invalid_input, "a batch whose source, format or cursor is over its limit");
  }
  return {};
}

}  // namespace

// Segments are gone through once, from the oldest: what is in front of `offset_` in the first one was acknowledged or
// is missing. Methods expect the lock to be held.
class Spool::Implementation {
 public:
  Implementation(Options options, Descriptor lock, StateFile state, Recovered recovered)
      : options_(std::move(options)),
        lock_(std::move(lock)),
        state_(std::move(state)),
        key_(recovered.key),
        epoch_(recovered.epoch),
        segments_(std::move(recovered.segments)),
        cursors_(std::move(recovered.cursors)),
        next_number_(recovered.next_number),
        next_sequence_(recovered.next_sequence),
        expected_(recovered.oldest_sequence),
        batches_(recovered.batches),
        events_(recovered.events),
        damage_(std::move(recovered.damage)) {
    options_.segment_bytes = std::min(options_.segment_bytes, options_.max_bytes / 8);
    if (!segments_.empty()) offset_ = segments_.front().start;
    for (const Segment& segment : segments_) bytes_ += segment.end;
  }

  Result<void> begin() {
    if (state_.damaged() && !state_.stored()) {
      tell({options_.directory / "state", 0, "it is damaged: batches may be sent again", 0, 0, 0, ""});
    }
    acknowledged_ = expected_ - 1;
    // Both records: a full disk must not be in the way of the first acknowledgement.
    for (int record = 0; record < 2; ++record) {
      if (auto kept = keep_state(); !kept) return kept;
      if (auto synced = state_.sync(); !synced) return synced;
    }
    if (auto synced = sync_folder(options_.directory); !synced) return synced;
    return advance();
  }

  std::uint64_t epoch() const { return epoch_; }
  Result<std::uint64_t> append(const Batch& batch);
  Result<std::optional<StoredBatch>> oldest();
  Result<void> acknowledge(std::uint64_t sequence);
  std::string cursor(std::string_view source) const {
    const auto found = cursors_.find(source);
    return found == cursors_.end() ? "" : found->second;
  }
  std::vector<Damage> take_damage() { return std::exchange(damage_, {}); }
  Stats stats() const { return {batches_, events_, bytes_, segments_.size() + finished_.size()}; }

  mutable std::mutex mutex;

 private:
  Result<void> make_room(std::uint64_t size);
  Result<void> begin_segment();
  void give_up_segment();
  Result<void> advance();
  Result<const SegmentReader*> front_reader();
  Result<void> step_over(const Found& found);
  Result<void> remove_finished();
  void reach(std::uint64_t sequence);
  void tell(Damage damage);
  void tell_unreadable(const Found& found, const std::optional<Batch>& names);
  Result<void> keep_state() {
    const Segment newest = segments_.empty() ? Segment{} : segments_.back();
    return state_.write({key_, epoch_, acknowledged_, newest.number, newest.first_sequence});
  }
  std::filesystem::path path_of(const Segment& segment) const {
    return segment_path(options_.directory, segment.number);
  }

  Options options_;
  Descriptor lock_;
  StateFile state_;
  SpoolKey key_;
  std::uint64_t epoch_;
  std::deque<Segment> segments_;  // the last one is written to while there is a writer
  std::deque<Segment> finished_;  // nothing waits in them; to be removed
  Cursors cursors_;
  std::uint64_t next_number_;
  std::uint64_t next_sequence_;
  std::uint64_t acknowledged_ = 0;
  std::uint64_t expected_;  // the next sequence to come to
  std::uint64_t batches_;
  std::uint64_t events_;
  std::uint64_t bytes_ = 0;
  std::vector<Damage> damage_;
  std::unique_ptr<SegmentWriter> writer_;

  std::uint64_t offset_ = 0;               // in the first segment: where it is looked for
  std::optional<Found> waiting_;           // the oldest, in the first segment
  std::unique_ptr<SegmentReader> reader_;  // of the first segment
  std::optional<std::pair<std::filesystem::path, std::uint64_t>> suspect_;  // where something other than it was
};

Result<std::uint64_t> Spool::Implementation::append(const Batch& batch) {
  if (auto checked = check_limits(batch); !checked) return std::unexpected(checked.error());
  if (!cursors_.contains(batch.source) && cursors_.size() >= kMaxSources) {
    return fail(ErrorCode::invalid_input, fmt::format("over {} sources", kMaxSources));
  }
  const std::uint64_t size = frame_bytes(batch);
  if (auto room = make_room(size); !room) return std::unexpected(room.error());
  if (!writer_) {
    if (auto begun = begin_segment(); !begun) return std::unexpected(begun.error());
  }
  if (auto appended = writer_->append(batch, next_sequence_); !appended) {
    if (!writer_->usable()) give_up_segment();
    return std::unexpected(appended.error());
  }
  segments_.back().end += size;
  bytes_ += size;
  cursors_.insert_or_assign(batch.source, batch.cursor);
  ++batches_;
  events_ += batch.events;
  return next_sequence_++;
}

// Ends the segment that is written to where the frame does not fit, or where it is done with and the cap asks for its
// space.
Result<void> Spool::Implementation::make_room(std::uint64_t size) {
  const std::uint64_t header = to_bytes(SegmentHeader{}, cursors_).size();
  if (header + size > options_.max_bytes) {
    return fail(ErrorCode::too_large, fmt::format("a batch of {} bytes in a spool of {}", size, options_.max_bytes));
  }
  std::ignore = remove_finished();  // where that fails, what is left counts
  const bool full =
      writer_ && writer_->size() + size > options_.segment_bytes && segments_.back().end > segments_.back().start;
  const bool over = bytes_ + (writer_ && !full ? 0 : header) + size > options_.max_bytes;
  std::uint64_t bytes = bytes_ + size;
  if (full || over || !writer_) bytes += header;
  if (over && batches_ == 0) {
    for (const Segment& segment : segments_) bytes -= segment.end;
  }
  if (bytes > options_.max_bytes) {
    return fail(ErrorCode::busy, fmt::format("the spool is full: {} of {} bytes", bytes_, options_.max_bytes));
  }
  const auto left = free_bytes(options_.directory);
  if (!left) return std::unexpected(left.error());
  if (*left < options_.min_free_bytes + size) {
    return fail(ErrorCode::unavailable, fmt::format("the file system of {} has {} bytes left, {} are to stay free",
                                                    options_.directory.string(), *left, options_.min_free_bytes));
  }
  if (full || over) writer_.reset();
  return {};
}

Result<void> Spool::Implementation::begin_segment() {
  // A number is used once, also where making the segment fails.
  const SegmentHeader header{key_, epoch_, next_number_++, next_sequence_, 0, 0};
  auto writer = SegmentWriter::create(options_.directory, header, cursors_);
  if (!writer) return std::unexpected(writer.error());
  writer_ = std::make_unique<SegmentWriter>(std::move(*writer));
  if (segments_.empty()) offset_ = writer_->size();
  segments_.push_back({header.number, writer_->size(), writer_->size(), next_sequence_});
  bytes_ += writer_->size();
  std::ignore = keep_state();  // what it adds helps only where the segment gets lost
  // The one before may have been kept only for being the newest.
  if (!waiting_) {
    if (auto advanced = advance(); !advanced) return advanced;
  }
  std::ignore = remove_finished();
  return {};
}

// One without a frame goes, so that a disk that fails for long is not filled with them; but the last one stays.
void Spool::Implementation::give_up_segment() {
  const Segment& segment = segments_.back();
  const bool empty = segment.end == segment.start;
  writer_.reset();
  if (!empty || segments_.size() == 1) return;
  bytes_ -= segment.end;
  ::unlink(path_of(segment).c_str());
  segments_.pop_back();
  std::ignore = keep_state();
}

// Finds the oldest that waits, where nothing waits yet.
Result<void> Spool::Implementation::advance() {
  while (!segments_.empty()) {
    const Segment& segment = segments_.front();
    const auto reader = front_reader();
    if (!reader) return std::unexpected(reader.error());
    const auto found = *reader == nullptr
                           ? Result<std::optional<Found>>(std::nullopt)
                           : (*reader)->find({offset_, segment.end, expected_, sequence_limit(segments_, 0)});
    if (!found) return std::unexpected(found.error());
    const bool elsewhere = *found ? (*found)->offset != offset_ : offset_ < segment.end;
    if (elsewhere && !suspect_) suspect_ = {path_of(segment), offset_};
    if (*found) {
      reach((*found)->head.sequence);
      waiting_ = **found;
      return {};
    }
    offset_ = segment.end;
    if (segments_.size() == 1) break;
    finished_.push_back(segment);
    segments_.pop_front();
    reader_.reset();
    offset_ = segments_.front().start;
  }
  reach(next_sequence_);
  batches_ = 0;
  events_ = 0;
  return {};
}

// Null: somebody removed it.
Result<const SegmentReader*> Spool::Implementation::front_reader() {
  if (reader_) return reader_.get();
  auto opened = SegmentReader::open(path_of(segments_.front()), {key_, segments_.front().number});
  if (!opened && opened.error().code == ErrorCode::not_found) return nullptr;
  if (!opened) return std::unexpected(opened.error());
  reader_ = std::make_unique<SegmentReader>(std::move(*opened));
  return reader_.get();
}

// All before `sequence` was acknowledged or is missing.
void Spool::Implementation::reach(std::uint64_t sequence) {
  if (sequence > expected_) {
    const bool gone = !suspect_;
    Damage damage{gone ? options_.directory : suspect_->first,
                  gone ? 0 : suspect_->second,
                  gone ? "batches are missing" : "batches are damaged",
                  expected_,
                  sequence - 1,
                  0,
                  ""};
    tell(std::move(damage));
  }
  expected_ = std::max(expected_, sequence);
  suspect_.reset();
}

Result<std::optional<StoredBatch>> Spool::Implementation::oldest() {
  while (true) {
    if (!waiting_) {
      if (auto advanced = advance(); !advanced) return std::unexpected(advanced.error());
    }
    if (!waiting_) return std::nullopt;
    const Found found = *waiting_;
    auto batch = reader_->read_names(found);
    if (!batch) return std::unexpected(batch.error());
    auto body = reader_->read_body(found);
    if (!body) return std::unexpected(body.error());
    if (*batch && *body) {
      (*batch)->body = std::move(**body);
      return StoredBatch{found.head.sequence, std::move(**batch)};
    }
    if (auto stepped = step_over(found); !stepped) return std::unexpected(stepped.error());
    tell_unreadable(found, *batch);
  }
}

// It was acknowledged, or cannot be read.
Result<void> Spool::Implementation::step_over(const Found& found) {
  const auto next = reader_->offset_after(found);
  if (!next) return std::unexpected(next.error());
  offset_ = *next;
  expected_ = found.head.sequence + 1;
  batches_ -= std::min<std::uint64_t>(batches_, 1);
  events_ -= std::min(events_, found.head.events);
  waiting_.reset();
  return {};
}

Result<void> Spool::Implementation::acknowledge(std::uint64_t sequence) {
  if (sequence >= next_sequence_) {
    return fail(ErrorCode::invalid_input, fmt::format("batch {} was never appended", sequence));
  }
  while (sequence > acknowledged_) {
    if (!waiting_) {
      if (auto advanced = advance(); !advanced) return advanced;
    }
    if (!waiting_ || waiting_->head.sequence > sequence) break;
    if (auto stepped = step_over(*waiting_); !stepped) return stepped;
  }
  acknowledged_ = std::max(acknowledged_, sequence);
  auto kept = keep_state();
  if (!waiting_) {
    if (auto advanced = advance(); !advanced) return advanced;
  }
  auto removed = remove_finished();
  return kept ? removed : kept;
}

// Once it is durable that they were acknowledged: otherwise they would be missing after the power failed.
Result<void> Spool::Implementation::remove_finished() {
  if (finished_.empty()) return {};
  if (auto kept = keep_state(); !kept) return kept;
  if (auto synced = state_.sync(); !synced) return synced;
  while (!finished_.empty()) {
    const std::filesystem::path file = path_of(finished_.front());
    if (::unlink(file.c_str()) != 0 && errno != ENOENT) return system_error("cannot remove", file);
    bytes_ -= finished_.front().end;
    finished_.pop_front();
  }
  return {};
}

void Spool::Implementation::tell_unreadable(const Found& found, const std::optional<Batch>& names) {
  Damage damage{path_of(segments_.front()),
                found.offset,
                names ? "a batch's body is damaged" : "a batch's names are damaged",
                found.head.sequence,
                found.head.sequence,
                found.head.events,
                names ? names->source : ""};
  tell(std::move(damage));
}

void Spool::Implementation::tell(Damage damage) {
  if (damage_.size() < kMaxTold) {
    damage_.push_back(std::move(damage));
    return;
  }
  // Nobody asks: the last entry stands for all that follows.
  Damage& last = damage_.back();
  last.what = "batches are damaged, here and behind";
  last.first_sequence = last.first_sequence == 0 ? damage.first_sequence : last.first_sequence;
  last.last_sequence = std::max(last.last_sequence, damage.last_sequence);
  last.events += damage.events;
  last.source.clear();
}

Spool::Spool(std::unique_ptr<Implementation> implementation) : implementation_(std::move(implementation)) {}
Spool::~Spool() = default;

Result<std::unique_ptr<Spool>> Spool::open(Options options) {
  if (::sodium_init() < 0) return fail(ErrorCode::internal, "libsodium does not start");
  if (auto made = make_folder(options.directory); !made) return std::unexpected(made.error());
  auto lock = lock_folder(options.directory);
  if (!lock) return std::unexpected(lock.error());
  auto state = StateFile::open(options.directory / "state");
  if (!state) return std::unexpected(state.error());
  auto recovered = recover(options.directory, state->stored());
  if (!recovered) return std::unexpected(recovered.error());
  auto implementation =
      std::make_unique<Implementation>(std::move(options), std::move(*lock), std::move(*state), std::move(*recovered));
  if (auto begun = implementation->begin(); !begun) return std::unexpected(begun.error());
  return std::unique_ptr<Spool>(new Spool(std::move(implementation)));
}

std::uint64_t Spool::epoch() const { return implementation_->epoch(); }

Result<std::uint64_t> Spool::append(const Batch& batch) {
  const std::lock_guard lock(implementation_->mutex);
  return implementation_->append(batch);
}

Result<std::optional<StoredBatch>> Spool::oldest() {
  const std::lock_guard lock(implementation_->mutex);
  return implementation_->oldest();
}

Result<void> Spool::acknowledge(std::uint64_t sequence) {
  const std::lock_guard lock(implementation_->mutex);
  return implementation_->acknowledge(sequence);
}

std::string Spool::cursor(std::string_view source) const {
  const std::lock_guard lock(implementation_->mutex);
  return implementation_->cursor(source);
}

std::vector<Damage> Spool::take_damage() {
  const std::lock_guard lock(implementation_->mutex);
  return implementation_->take_damage();
}

Spool::Stats Spool::stats() const {
  const std::lock_guard lock(implementation_->mutex);
  return implementation_->stats();
}

}  // namespace sightline::agent
