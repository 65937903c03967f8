// A store in memory that fails where a test says so. Test support: no product code includes it.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "query/predicate.h"
#include "store/event_store.h"

namespace sightline::server {

inline void copy_event(const Event& from, EventBatch& to) {
  Arena& arena = to.arena();
  Event& event = to.add();
  event.id = from.id;
  event.event_time_ms = from.event_time_ms;
  event.received_time_ms = from.received_time_ms;
  event.original = arena.copy(from.original);
  for (const FieldValue& value : from.fields()) {
    event.fields().push_back({value.field, value.integer, arena.copy(value.text)});
  }
  for (const Attribute& attribute : from.attributes()) {
    event.add_attribute(arena.copy(attribute.path), attribute.kind, arena.copy(attribute.text));
  }
}

// Thread-safe.
class FakeEventStore final : public store::EventStore {
 public:
  struct Batch {
    store::BatchHeader header;
    EventBatch events;
    std::string oddity;
  };

  // What the next append does. The second breaks the interface's promise, as an engine might.
  enum class Fault { none, fails_before_storing, fails_after_storing };
  void next_append(Fault fault) {
    const std::scoped_lock lock(mutex_);
    fault_ = fault;
  }

  // Appends wait while the gate is closed.
  void close_gate() { set_gate(false); }
  void open_gate() { set_gate(true); }

  Result<void> append(std::span<const store::PendingBatch> batches) override {
    std::unique_lock lock(mutex_);
    gate_changed_.wait(lock, [&] { return gate_open_; });
    ++appends_;
    const Fault fault = std::exchange(fault_, Fault::none);
    if (fault == Fault::fails_before_storing) return fail(ErrorCode::unavailable, "no space left on device");
    for (const store::PendingBatch& pending : batches) {
      Batch& batch = batches_[pending.header.number];
      batch.header = pending.header;
      for (const Event& event : pending.events->events()) copy_event(event, batch.events);
    }
    if (fault == Fault::fails_after_storing) return fail(ErrorCode::unavailable, "cannot sync");
    return {};
  }

  Result<store::SearchResult> search(const store::SearchRequest& request, std::stop_token) override {
    const std::scoped_lock lock(mutex_);
    ++searches_;
    const auto predicate = query::Predicate::compile(*request.query->filter);
    if (!predicate) return std::unexpected(predicate.error());
    store::SearchResult result;
    for (const auto& [number, batch] : batches_) {
      for (const Event& event : batch.events.events()) {
        if (request.from_ms && event.event_time_ms < *request.from_ms) continue;
        if (request.to_ms && event.event_time_ms >= *request.to_ms) continue;
        if (number <= request.bound() && predicate->matches(event)) copy_event(event, result.events);
      }
    }
    return result;
  }

  Result<std::vector<store::BatchHeader>> batches_from(std::uint64_t first) override {
    const std::scoped_lock lock(mutex_);
    std::vector<store::BatchHeader> headers;
    for (const auto& [number, batch] : batches_) {
      if (number >= first) headers.push_back(batch.header);
    }
    return headers;
  }

  Result<EventBatch> read_batch(std::uint64_t number) override {
    const std::scoped_lock lock(mutex_);
    if (unreadable(number)) return fail(ErrorCode::unavailable, "bad disk");
    EventBatch events;
    if (const auto found = batches_.find(number); found != batches_.end()) {
      for (const Event& event : found->second.events.events()) copy_event(event, events);
    }
    return events;
  }

  Result<void> read_batches(std::uint64_t first, std::uint64_t last, const BatchVisitor& visit) override {
    const std::scoped_lock lock(mutex_);
    for (const auto& [number, batch] : batches_) {
      if (unreadable(number) && first <= number && number <= last) return fail(ErrorCode::unavailable, "bad disk");
    }
    for (const auto& [number, batch] : batches_) {
      if (first <= number && number <= last && !batch.events.empty()) {
        visit({number, batch.events.events(), batch.oddity});
      }
    }
    return {};
  }

  Result<std::vector<std::string>> search_gaps() override { return search_gaps_; }

  Result<EventBatch> read_events(std::span<const EventId> ids, std::uint64_t newest_batch) override {
    const std::scoped_lock lock(mutex_);
    EventBatch events;
    for (const EventId& id : ids) {
      for (const auto& [number, batch] : batches_) {
        for (const Event& event : batch.events.events()) {
          if (number <= newest_batch && event.id == id) copy_event(event, events);
        }
      }
    }
    return events;
  }

  std::vector<std::string> attribute_paths() const override { return {}; }
  Result<Statistics> statistics() override { return Statistics{}; }

  // Each event counts as 100 bytes.
  Result<std::vector<Day>> days() override {
    const std::scoped_lock lock(mutex_);
    std::map<std::int64_t, Day> days;
    for (const auto& [number, batch] : batches_) {
      Day& day = days[batch.header.received_time_ms / kDayMs];
      day.day = batch.header.received_time_ms / kDayMs;
      day.newest_batch = number;
      day.events += batch.events.size();
      day.bytes_on_disk += batch.events.size() * 100;
    }
    std::vector<Day> list;
    for (const auto& [number, day] : days) list.push_back(day);
    return list;
  }
  Result<void> remove_day(std::int64_t day) override {
    const std::scoped_lock lock(mutex_);
    if (std::exchange(removal_fails_, false)) return fail(ErrorCode::unavailable, "bad disk");
    std::erase_if(batches_, [&](const auto& entry) { return entry.second.header.received_time_ms / kDayMs == day; });
    return {};
  }
  // The next removal, as after a crash before it.
  void fail_next_removal() {
    const std::scoped_lock lock(mutex_);
    removal_fails_ = true;
  }

  // Reading this batch fails from now on.
  void make_unreadable(std::uint64_t number) {
    const std::scoped_lock lock(mutex_);
    unreadable_from_ = unreadable_to_ = number;
  }
  void make_unreadable_from(std::uint64_t number) {
    const std::scoped_lock lock(mutex_);
    unreadable_from_ = number;
    unreadable_to_ = UINT64_MAX;
  }

  void set_search_gaps(std::vector<std::string> gaps) { search_gaps_ = std::move(gaps); }

  // For a test to look at and to tamper with, while nothing else uses the store.
  std::map<std::uint64_t, Batch>& batches() { return batches_; }
  std::size_t appends() const {
    const std::scoped_lock lock(mutex_);
    return appends_;
  }
  std::size_t searches() const {
    const std::scoped_lock lock(mutex_);
    return searches_;
  }

 private:
  static constexpr std::int64_t kDayMs = 86'400'000;
  bool unreadable(std::uint64_t number) const { return unreadable_from_ <= number && number <= unreadable_to_; }
  void set_gate(bool open) {
    {
      const std::scoped_lock lock(mutex_);
      gate_open_ = open;
    }
    gate_changed_.notify_all();
  }

  mutable std::mutex mutex_;
  std::condition_variable gate_changed_;
  bool gate_open_ = true;
  bool removal_fails_ = false;
  Fault fault_ = Fault::none;
  std::uint64_t unreadable_from_ = 0;  // 0 and 0: every batch can be read
  std::uint64_t unreadable_to_ = 0;
  std::size_t appends_ = 0;
  std::size_t searches_ = 0;
  std::map<std::uint64_t, Batch> batches_;
  std::vector<std::string> search_gaps_;
};

}  // namespace sightline::server
