// Joins the records of one event: same node, time and serial number, wherever in the stream they stand.
//
// An event is closed
//   - at once, if its type never has a second record (programs' own messages, the audit daemon's);
//   - kLingerLines lines after its EOE or PROCTITLE record, so that records that overtook each other still join;
//   - when a record of the same node is more than kWindowMs younger, and kLingerLines lines went by without one of
//     the event's own;
//   - when kIdleLines lines went by, or too many or too big events are open: the longest open one first;
//   - at the end of the input.
// The rules depend on the lines alone, never on how the input was cut into chunks or on a clock.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sources/audit/record.h"

namespace sightline::audit {

// One record's place in OpenEvent::lines.
struct RecordRef {
  RecordType type = RecordType::unknown;
  std::uint32_t offset = 0;       // of the line
  std::uint32_t size = 0;         // of the line, with its end
  std::uint32_t body_offset = 0;  // from the line's start
  std::uint32_t name_offset = 0;  // of the type's name, from the line's start
  std::uint32_t name_size = 0;
};

struct OpenEvent {
  std::string node;
  std::int64_t time_ms = 0;
  std::uint64_t serial = 0;
  std::string lines;  // in order of arrival, with their ends
  std::vector<RecordRef> records;
  bool cut = false;  // more records would not have fitted, or earlier ones did not
};

// Not thread-safe. Memory is bounded by the limits below.
class Coalescer {
 public:
  static constexpr std::int64_t kWindowMs = 2000;
  static constexpr std::uint64_t kLingerLines = 64;
  static constexpr std::uint64_t kIdleLines = 8192;
  static constexpr std::size_t kMaxOpenEvents = 4096;
  static constexpr std::size_t kMaxOpenBytes = std::size_t{64} * 1024 * 1024;
  static constexpr std::size_t kMaxEventBytes = std::size_t{16} * 1024 * 1024;
  static constexpr std::size_t kMaxEventRecords = std::size_t{32} * 1024;

  // `line` is the whole line with its end, `head` points into it.
  void add(const RecordHead& head, std::string_view line);
  // Closes those whose end was seen, without waiting for records that were overtaken: for who knows that none follow.
  void close_ended();
  // Closes all that are open.
  void close_all();

  // The next event that was closed, in order of closing; nullptr: none. Valid until the next call of any function.
  const OpenEvent* next_closed();

  // Of the open events, in no order.
  std::vector<std::uint64_t> open_serials() const;
  std::size_t open_bytes() const { return open_bytes_; }
  std::size_t open_events() const { return open_.size(); }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  struct Slot {
    OpenEvent event;
    std::uint64_t opening = 0;    // counts events; tells one use of the slot from the next
    std::uint64_t last_line = 0;  // of its newest record
    bool lingering = false;
    std::uint32_t previous = kNone;  // in order of opening
    std::uint32_t next = kNone;
  };
  struct Key {
    std::string_view node;  // points into the slot
    std::int64_t time_ms;
    std::uint64_t serial;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const;
  };
  struct Lingering {
    std::uint32_t slot;
    std::uint64_t opening;
    std::uint64_t due_line;
  };

  std::uint32_t find_or_open(const RecordHead& head);
  std::uint32_t open(const RecordHead& head);
  void append(Slot& slot, const RecordHead& head, std::string_view line);
  void linger(std::uint32_t index);
  void close(std::uint32_t index);
  void close_first_lingering();
  void close_due(const RecordHead& head);
  void close_over_limits();
  static bool is_full(const OpenEvent& event, std::string_view line);
  bool is_expired(const Slot& slot, const RecordHead& head) const;
  std::uint32_t take_free_slot();

  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<std::uint32_t> free_;
  std::unordered_map<Key, std::uint32_t, KeyHash> open_;
  std::uint32_t oldest_ = kNone;
  std::uint32_t newest_ = kNone;
  std::uint32_t last_used_ = kNone;  // of open_; records of one event tend to stand together
  std::deque<Lingering> lingering_;
  std::deque<std::uint32_t> closed_;
  std::uint32_t handed_out_ = kNone;
  std::uint64_t line_ = 0;
  std::uint64_t openings_ = 0;
  std::size_t open_bytes_ = 0;
};

}  // namespace sightline::audit
