#include "sources/audit/coalescer.h"

#include <functional>

#include "sources/audit/verbs.h"

namespace sightline::audit {

namespace {

// What a slot keeps allocated for its next event.
constexpr std::size_t kKeptCapacity = std::size_t{64} * 1024;

bool ends_event(RecordType type) { return type == RecordType::eoe || type == RecordType::proctitle; }

}  // namespace

std::size_t Coalescer::KeyHash::operator()(const Key& key) const {
  const std::uint64_t mixed = (static_cast<std::uint64_t>(key.time_ms) * 0x9E3779B97F4A7C15u) ^ key.serial;
  return static_cast<std::size_t>(mixed * 0xC2B2AE3D27D4EB4Fu) ^
         (key.node.empty() ? 0 : std::hash<std::string_view>()(key.node));
}

void Coalescer::add(const RecordHead& head, std::string_view line) {
  ++line_;
  if (handed_out_ != kNone) next_closed();
  close_due(head);
  if (is_single_record(head.type)) {
    const std::uint32_t index = take_free_slot();
    Slot& slot = *slots_[index];
    slot.event.node = head.node;
    slot.event.time_ms = head.time_ms;
    slot.event.serial = head.serial;
    append(slot, head, line);
    open_bytes_ -= line.size();
    closed_.push_back(index);
    return;
  }
  std::uint32_t index = find_or_open(head);
  if (is_full(slots_[index]->event, line)) {
    slots_[index]->event.cut = true;
    close(index);
    index = open(head);
    slots_[index]->event.cut = true;
  }
  append(*slots_[index], head, line);
  if (ends_event(head.type)) linger(index);
  close_over_limits();
}

bool Coalescer::is_full(const OpenEvent& event, std::string_view line) {
  if (event.records.empty()) return false;
  return event.records.size() >= kMaxEventRecords || event.lines.size() + line.size() > kMaxEventBytes;
}

void Coalescer::append(Slot& slot, const RecordHead& head, std::string_view line) {
  OpenEvent& event = slot.event;
  RecordRef record;
  record.type = head.type;
  record.offset = static_cast<std::uint32_t>(event.lines.size());
  record.size = static_cast<std::uint32_t>(line.size());
  record.body_offset = static_cast<std::uint32_t>(head.body_offset);
  record.name_offset = static_cast<std::uint32_t>(head.type_name.data() - line.data());
  record.name_size = static_cast<std::uint32_t>(head.type_name.size());
  event.records.push_back(record);
  event.lines.append(line);
  slot.last_line = line_;
  open_bytes_ += line.size();
}

std::uint32_t Coalescer::find_or_open(const RecordHead& head) {
  if (last_used_ != kNone) {
    const OpenEvent& event = slots_[last_used_]->event;
    if (event.serial == head.serial && event.time_ms == head.time_ms && event.node == head.node) return last_used_;
  }
  const auto found = open_.find({head.node, head.time_ms, head.serial});
  last_used_ = found != open_.end() ? found->second : open(head);
  return last_used_;
}

std::uint32_t Coalescer::open(const RecordHead& head) {
  const std::uint32_t index = take_free_slot();
  Slot& slot = *slots_[index];
  slot.event.node = head.node;
  slot.event.time_ms = head.time_ms;
  slot.event.serial = head.serial;
  slot.opening = ++openings_;
  slot.previous = newest_;
  slot.next = kNone;
  (newest_ == kNone ? oldest_ : slots_[newest_]->next) = index;
  newest_ = index;
  open_.emplace(Key{slot.event.node, head.time_ms, head.serial}, index);
  last_used_ = index;
  return index;
}

std::uint32_t Coalescer::take_free_slot() {
  if (free_.empty()) {
    slots_.push_back(std::make_unique<Slot>());
    return static_cast<std::uint32_t>(slots_.size() - 1);
  }
  const std::uint32_t index = free_.back();
  free_.pop_back();
  return index;
}

void Coalescer::linger(std::uint32_t index) {
  Slot& slot = *slots_[index];
  if (slot.lingering) return;
  slot.lingering = true;
  lingering_.push_back({index, slot.opening, line_ + kLingerLines});
}

bool Coalescer::is_expired(const Slot& slot, const RecordHead& head) const {
  const std::uint64_t idle_lines = line_ - slot.last_line;
  if (idle_lines <= kLingerLines) return false;
  if (idle_lines > kIdleLines) return true;
  return slot.event.time_ms < head.time_ms - kWindowMs && slot.event.node == head.node;
}

void Coalescer::close_first_lingering() {
  const Lingering entry = lingering_.front();
  lingering_.pop_front();
  const Slot& slot = *slots_[entry.slot];
  if (slot.lingering && slot.opening == entry.opening) close(entry.slot);
}

void Coalescer::close_due(const RecordHead& head) {
  while (!lingering_.empty() && lingering_.front().due_line < line_) close_first_lingering();
  while (oldest_ != kNone && is_expired(*slots_[oldest_], head)) close(oldest_);
}

void Coalescer::close_over_limits() {
  while (oldest_ != kNone && (open_.size() > kMaxOpenEvents || open_bytes_ > kMaxOpenBytes)) close(oldest_);
}

void Coalescer::close(std::uint32_t index) {
  Slot& slot = *slots_[index];
  open_.erase({slot.event.node, slot.event.time_ms, slot.event.serial});
  (slot.previous == kNone ? oldest_ : slots_[slot.previous]->next) = slot.next;
  (slot.next == kNone ? newest_ : slots_[slot.next]->previous) = slot.previous;
  slot.lingering = false;
  open_bytes_ -= slot.event.lines.size();
  if (last_used_ == index) last_used_ = kNone;
  closed_.push_back(index);
}

void Coalescer::close_ended() {
  while (!lingering_.empty()) close_first_lingering();
}

void Coalescer::close_all() {
  while (oldest_ != kNone) close(oldest_);
  lingering_.clear();
}

std::vector<std::uint64_t> Coalescer::open_serials() const {
  std::vector<std::uint64_t> serials;
  serials.reserve(open_.size());
  for (const auto& [key, slot] : open_) serials.push_back(key.serial);
  return serials;
}

const OpenEvent* Coalescer::next_closed() {
  if (handed_out_ != kNone) {
    OpenEvent& event = slots_[handed_out_]->event;
    if (event.lines.capacity() > kKeptCapacity) event.lines = std::string();
    if (event.records.capacity() > kKeptCapacity / sizeof(RecordRef)) event.records = std::vector<RecordRef>();
    event.lines.clear();
    event.records.clear();
    event.cut = false;
    free_.push_back(handed_out_);
    handed_out_ = kNone;
  }
  if (closed_.empty()) return nullptr;
  handed_out_ = closed_.front();
  closed_.pop_front();
  return &slots_[handed_out_]->event;
}

}  // namespace sightline::audit
