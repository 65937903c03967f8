#include "agent/collect/recorder.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace sightline::agent {
namespace {

// How long the spool is left alone after it did not take a batch.
constexpr std::int64_t kRetryMs = 500;
// A cursor that moved without events (they were left out) is written after that long.
constexpr std::int64_t kCursorMs = 10'000;

// Until `since_ms + wait_ms`, at once where the clock was set back before `since_ms`.
std::int64_t left_ms(std::int64_t since_ms, std::int64_t wait_ms, std::int64_t now_ms) {
  return now_ms < since_ms ? 0 : std::max<std::int64_t>(0, since_ms + wait_ms - now_ms);
}

// A batch without events, for its cursor.
Batch cursor_batch(const Source& source, std::int64_t now_ms) {
  return {.source = std::string(source.name()),
          .format = std::string(source.format()),
          .events = 0,
          .first_ms = now_ms,
          .last_ms = now_ms,
          .cursor = source.cursor(),
          .body = ""};
}

}  // namespace

class Recorder::Stream final : public Collected {
 public:
  Stream(Recorder& recorder, const Source& source)
      : recorder_(recorder), source_(source), builder_(std::string(source.name()), std::string(source.format())) {}

  void event(std::string_view bytes, std::int64_t time_ms) override {
    if (builder_.empty()) begun_ms_ = recorder_.clock_.now_ms();
    builder_.add(bytes, time_ms);
  }

  void lost(Loss loss) override {
    loss.source = source_.name();
    if (loss.to_ms == 0) loss.from_ms = loss.to_ms = recorder_.clock_.now_ms();
    recorder_.ledger_.add(std::move(loss));
  }

  // Milliseconds until it has to be written; nullopt: there is nothing.
  std::optional<std::int64_t> due_in_ms(std::int64_t now_ms) const {
    if (held_) return recorder_.retry_in_ms(now_ms);
    if (builder_.empty()) return std::nullopt;
    return builder_.full() ? 0 : left_ms(begun_ms_, kMaxAgeMs, now_ms);
  }

  // The cursor in a batch of its own, where it moved without events; `all`: at once.
  std::optional<Batch> take_cursor(bool all, std::int64_t now_ms) {
    if (held_ || !builder_.empty() || (!all && left_ms(stored_ms_, kCursorMs, now_ms) > 0)) return std::nullopt;
    stored_ms_ = now_ms;
    Batch batch = cursor_batch(source_, now_ms);
    if (batch.cursor.empty() || batch.cursor == stored_cursor_) return std::nullopt;
    return batch;
  }
  void stored(const Batch& batch) { stored_cursor_ = batch.cursor; }

  Batch take() {
    if (!held_) return builder_.finish(source_.cursor());
    Batch batch = std::move(*held_);
    held_.reset();
    return batch;
  }

  bool can_wait() const { return source_.can_wait(); }
  void hold(Batch batch) { held_ = std::move(batch); }
  bool is_held() const { return held_.has_value(); }

 private:
  Recorder& recorder_;
  const Source& source_;
  BatchBuilder builder_;
  std::int64_t begun_ms_ = 0;
  std::optional<Batch> held_;  // the spool did not take it
  std::string stored_cursor_;
  std::int64_t stored_ms_ = 0;
};

Recorder::Recorder(Spool& spool, LossLedger& ledger, const Clock& clock, Log& log, std::function<void()> stored)
    : spool_(spool), ledger_(ledger), clock_(clock), log_(log), stored_(std::move(stored)) {}

Recorder::~Recorder() = default;

Collected& Recorder::of(const Source& source) {
  auto place = streams_.find(source.name());
  if (place == streams_.end()) {
    place = streams_.emplace(source.name(), std::make_unique<Stream>(*this, source)).first;
  }
  return *place->second;
}

bool Recorder::is_held(const Source& source) const {
  const auto place = streams_.find(source.name());
  return place != streams_.end() && place->second->is_held();
}

void Recorder::write_due(bool all) {
  const std::int64_t now_ms = clock_.now_ms();
  for (auto& [name, stream] : streams_) {
    const std::optional<std::int64_t> due = stream->due_in_ms(now_ms);
    if (due && (all || *due == 0)) write(*stream);
  }
  write_own(all);
  // A cursor must not pass what was lost and is not told yet.
  if (!ledger_.empty()) return;
  for (auto& [name, stream] : streams_) {
    const std::optional<Batch> batch = stream->take_cursor(all, now_ms);
    if (batch && append(*batch)) stream->stored(*batch);
  }
}

std::optional<std::int64_t> Recorder::due_in_ms() const {
  std::optional<std::int64_t> soonest;
  const std::int64_t now_ms = clock_.now_ms();
  const auto offer = [&](std::optional<std::int64_t> due) {
    if (due && (!soonest || *due < *soonest)) soonest = due;
  };
  for (const auto& [name, stream] : streams_) offer(stream->due_in_ms(now_ms));
  offer(own_due_in_ms(now_ms));
  return soonest;
}

// Losses of a second are one: who can cause one must not cause a batch with each.
std::optional<std::int64_t> Recorder::own_due_in_ms(std::int64_t now_ms) const {
  if (own_.empty() && ledger_.empty()) return std::nullopt;
  if (own_refused_) return left_ms(own_tried_ms_, kRetryMs, now_ms);
  return own_.empty() ? left_ms(own_tried_ms_, kMaxAgeMs, now_ms) : 0;
}

std::int64_t Recorder::retry_in_ms(std::int64_t now_ms) const {
  return failing_ ? left_ms(refused_ms_, kRetryMs, now_ms) : 0;
}

Result<void> Recorder::append(const Batch& batch) {
  const Result<std::uint64_t> sequence = spool_.append(batch);
  if (sequence) {
    if (std::exchange(failing_, false)) log_.info("the spool takes batches again");
    stored_();
    return {};
  }
  refused_ms_ = clock_.now_ms();
  if (!std::exchange(failing_, true)) log_.error("the spool takes no batches", {{"reason", sequence.error().message}});
  return std::unexpected(sequence.error());
}

void Recorder::write(Stream& stream) {
  Batch batch = stream.take();
  const Result<void> appended = append(batch);
  if (appended) return stream.stored(batch);
  const ErrorCode code = appended.error().code;
  const bool may_pass = code == ErrorCode::busy || code == ErrorCode::unavailable;
  if (stream.can_wait() && may_pass) return stream.hold(std::move(batch));
  ledger_.add({.source = batch.source,
               .reason = code == ErrorCode::busy ? LossReason::spool_full : LossReason::spool_failed,
               .count = batch.events,
               .from_ms = batch.first_ms,
               .to_ms = batch.last_ms,
               .detail = appended.error().message});
}

void Recorder::tell(std::string line) { own_.push_back(std::move(line)); }

void Recorder::write_own(bool all) {
  const std::int64_t now_ms = clock_.now_ms();
  const std::optional<std::int64_t> due = own_due_in_ms(now_ms);
  if (!due || (*due > 0 && !all)) return;
  std::vector<Loss> losses = ledger_.take();
  BatchBuilder builder{std::string(kOwnSource), "ndjson"};
  for (const std::string& line : own_) builder.add(line, now_ms);
  for (const Loss& loss : losses) builder.add(event_line(loss), loss.to_ms);
  own_tried_ms_ = now_ms;
  own_refused_ = !append(builder.finish(""));
  if (own_refused_) return ledger_.put_back(std::move(losses));
  own_.clear();
  for (const Loss& loss : losses) log_.warning("loss", {{"what", sentence(loss)}});
}

}  // namespace sightline::agent
