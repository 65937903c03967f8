// Where events are kept: the interface that the server sees, whatever engine is behind it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/hash.h"
#include "event/event.h"
#include "query/ast.h"

namespace sightline::store {

// What every event of a batch carries in the store besides its fields. It makes a stored batch recognisable before its
// manifest exists, so that a crash between the two can be repaired.
struct BatchHeader {
  std::uint64_t number = 0;  // position in the order of commits, from 1, without gaps
  BatchKey key;
  Sha256Digest body_hash{};  // of the request body as received
  std::string format;        // name of the decoder
  std::int64_t received_time_ms = 0;
};

struct PendingBatch {
  BatchHeader header;
  const EventBatch* events = nullptr;  // not empty; received_time_ms and ids set: make_event_id(header.key, position)
};

// A batch as it is read back; lives during the call of a visitor.
struct StoredBatch {
  std::uint64_t number = 0;
  std::span<const Event> events;
  // How a row stands otherwise than append() writes it: its event can be read, but searches may not see it as it is. Of
  // the first such row; empty: there is none.
  std::string oddity;
};

struct QueryLimits {
  std::int64_t time_ms = 30'000;
  std::uint64_t memory_bytes = 1ULL << 30;
  std::uint64_t result_rows = 10'000;
  std::uint64_t result_bytes = 256ULL << 20;  // of the engine's answer
};

// Where a page ended. Batches above `newest_batch` came after the first page and stay out.
struct Cursor {
  std::int64_t event_time_ms = 0;  // of the last event, as `id`; pages that are sorted go on by `given`
  EventId id{};
  std::uint64_t newest_batch = 0;
  std::uint64_t given = 0;    // events on the pages so far
  std::int64_t asked_ms = 0;  // what `now` means on every page; the store hands on what the request's cursor has
};

struct SearchRequest {
  const query::Query* query = nullptr;  // checked (query/checker.h)
  std::optional<std::int64_t> from_ms;  // from ≤ event_time < to
  std::optional<std::int64_t> to_ms;
  std::uint32_t limit = 100;  // events a page
  std::optional<Cursor> cursor;
  std::uint64_t newest_batch = UINT64_MAX;  // batches above it are not looked at
  std::string time_zone = "UTC";            // of histogram buckets
  QueryLimits limits;

  // The lower of both bounds: a cursor comes back from a client, which may have changed it.
  std::uint64_t bound() const { return cursor ? std::min(cursor->newest_batch, newest_batch) : newest_batch; }
};

// A cell of a table: null, a number (counts, times in ms, integers), or text.
using Cell = std::variant<std::monostate, std::int64_t, std::string>;

struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;
};

struct SearchResult {
  EventBatch events;           // newest first; empty where the query ends in a table
  std::optional<Table> table;  // set where a pipe makes one (count, top, histogram, distinct, fields)
  std::optional<Cursor> next;  // set where there may be more events
  std::uint64_t scanned_rows = 0;
  std::int64_t elapsed_ms = 0;
};

// Thread-safe: one writer calls append, any number of readers search meanwhile.
class EventStore {
 public:
  virtual ~EventStore() = default;

  // Returns once the batches are durable. All of them or none, also across a crash.
  // Errors: unavailable (disk full, engine failed): nothing was stored, the call may be repeated; internal, where an id
  // is not that of its place.
  virtual Result<void> append(std::span<const PendingBatch> batches) = 0;

  // Errors: invalid_input (no such time zone; a cursor where the query makes a table), timeout, too_large (memory, rows
  // or bytes: the message advises), cancelled, unavailable.
  virtual Result<SearchResult> search(const SearchRequest& request, std::stop_token stop) = 0;

  // The headers of stored batches with number ≥ `first`, ascending; several of one number where its rows differ. No
  // commit has the number 0: rows that have it were planted. What is found here is durable: a batch that a failed
  // append left behind may be acknowledged.
  virtual Result<std::vector<BatchHeader>> batches_from(std::uint64_t first) = 0;

  // All events of one batch in the order they were appended, complete with ids, times, attributes and originals.
  virtual Result<EventBatch> read_batch(std::uint64_t number) = 0;

  // The same for all stored batches with first ≤ number ≤ last, ascending, in one read: a batch at a time costs a
  // query each. Numbers that are not stored are left out. The caller keeps the range small enough for memory.
  using BatchVisitor = std::function<void(const StoredBatch& batch)>;
  virtual Result<void> read_batches(std::uint64_t first, std::uint64_t last, const BatchVisitor& visit) = 0;

  // What searches pass over because the store does not know that it has it: a line for people each. Empty: nothing.
  // Reads some columns of all rows.
  virtual Result<std::vector<std::string>> search_gaps() = 0;

  // The events with these ids, in the order asked for; ids that are not stored, or are in a batch above `newest_batch`,
  // are left out.
  virtual Result<EventBatch> read_events(std::span<const EventId> ids, std::uint64_t newest_batch) = 0;

  // Attribute paths seen in the store, sorted. The checker accepts these names.
  virtual std::vector<std::string> attribute_paths() const = 0;
  // False where events have had more paths than the store lists. Searches by the others work, but nothing tells a path
  // that exists from one that does not.
  virtual bool knows_all_paths() const { return true; }

  // Since the store was opened, but for the gauge.
  struct Counters {
    std::uint64_t originals_shaped = 0;       // kept as shape and values
    std::uint64_t originals_not_shaped = 0;   // kept as bytes: no JSON, or not the JSON that its values give back
    std::uint64_t originals_over_limit = 0;   // kept as bytes: too many shapes
    std::uint64_t unnumbered_attributes = 0;  // values of paths beyond those that the store lists
    std::uint64_t attribute_keys = 0;         // gauge: paths that it lists, those of texts and numbers apart
  };
  virtual Counters counters() const { return {}; }

  struct Statistics {
    std::uint64_t events = 0;
    std::uint64_t bytes_on_disk = 0;
    std::uint64_t parts = 0;
  };
  virtual Result<Statistics> statistics() = 0;

  // What was received on one day, UTC.
  struct Day {
    std::int64_t day = 0;            // since 1970
    std::uint64_t newest_batch = 0;  // the highest number among its batches
    std::uint64_t events = 0;
    std::uint64_t bytes_on_disk = 0;
  };
  // Ascending; days without events are left out.
  virtual Result<std::vector<Day>> days() = 0;
  // Removes all that was received on that day, for good. The caller keeps append() and backups away meanwhile.
  virtual Result<void> remove_day(std::int64_t day) = 0;
};

}  // namespace sightline::store
