#include "store/clickhouse/embedded/embedded_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <map>
#include <mutex>
#include <system_error>
#include <utility>

#include "base/descriptor.h"
#include "store/clickhouse/batch_text.h"
#include "store/clickhouse/embedded/connection.h"
#include "store/clickhouse/embedded/connection_pool.h"
#include "store/clickhouse/embedded/content_loader.h"
#include "store/clickhouse/embedded/migrations.h"
#include "store/clickhouse/embedded/names.h"
#include "store/clickhouse/embedded/names_check.h"
#include "store/clickhouse/embedded/part_cleaner.h"
#include "store/clickhouse/embedded/recent_events.h"
#include "store/clickhouse/encoder.h"
#include "store/clickhouse/event_table.h"
#include "store/clickhouse/literal.h"
#include "store/clickhouse/row_reader.h"
#include "store/clickhouse/search_sql.h"
#include "store/clickhouse/value_sql.h"

namespace sightline::store {
namespace {

using namespace clickhouse;

constexpr std::string_view kRows = "RowBinary";

// Filters of the ids of 35 million events, as they are read for a search of an id (docs/decisions/0047).
constexpr std::uint64_t kFilterCacheBytes = 128U << 20;

// One block, one part: nothing may split what an append call sends.
constexpr std::string_view kInsertSettings =
    " SETTINGS max_insert_block_size = 100000000, min_insert_block_size_rows = 100000000, "
    "min_insert_block_size_bytes = 100000000000, max_insert_threads = 1, max_partitions_per_insert_block = 1";

// Those below row `end`, taken off the front.
std::span<const RowOddity> take_rows(std::span<const RowOddity>& oddities, std::size_t end) {
  std::size_t count = 0;
  while (count < oddities.size() && oddities[count].row < end) ++count;
  const std::span<const RowOddity> taken = oddities.first(count);
  oddities = oddities.subspan(count);
  return taken;
}

// What is odd about the rows of a batch of which the first is row `first_row`.
std::string describe(std::span<const RowOddity> oddities, std::size_t first_row) {
  if (oddities.empty()) return "";
  const std::string more = oddities.size() > 1 ? fmt::format("; and {} more events", oddities.size() - 1) : "";
  return fmt::format("event {}: {}{}", oddities.front().row - first_row, oddities.front().what, more);
}

class EmbeddedStore final : public EventStore {
 public:
  explicit EmbeddedStore(const EmbeddedOptions& options)
      : options_(options), names_(options.max_attribute_keys), keys_(options.max_attribute_keys) {}
  Result<void> open();

  Result<void> append(std::span<const PendingBatch> batches) override;
  Result<SearchResult> search(const SearchRequest& request, std::stop_token stop) override;
  Result<std::vector<BatchHeader>> batches_from(std::uint64_t first) override;
  Result<EventBatch> read_batch(std::uint64_t number) override;
  Result<void> read_batches(std::uint64_t first, std::uint64_t last, const BatchVisitor& visit) override;
  Result<std::vector<std::string>> search_gaps() override;
  Result<EventBatch> read_events(std::span<const EventId> ids, std::uint64_t newest_batch) override;
  std::vector<std::string> attribute_paths() const override { return names_.attribute_paths(); }
  bool knows_all_paths() const override { return !names_.content()->unnumbered; }
  Counters counters() const override {
    const std::lock_guard lock(counting_);
    return counters_;
  }
  Result<Statistics> statistics() override;
  Result<std::vector<Day>> days() override;
  Result<void> remove_day(std::int64_t day) override;

 private:
  static Result<void> check_time_zone(Connection& connection, const std::string& zone);
  void count(const EncodedBlock& block);

  // Both leave unchecked whether events are of batches that the request leaves out, where `newest_batch` is none of
  // them.
  Result<SearchResult> search_events(std::uint64_t newest_batch, const SearchRequest& request, const Pipes& pipes,
                                     const std::stop_token& stop);
  Result<SearchResult> search_table(std::uint64_t newest_batch, const SearchRequest& request, const Pipes& pipes,
                                    const std::stop_token& stop);
  Result<EventBatch> read(Connection& connection, const std::string& sql, const Content& content,
                          const QueryLimits& limits, const std::stop_token& stop, SearchResult& result);

  EmbeddedOptions options_;
  std::unique_ptr<Engine> engine_;  // declared first: outlives the connections
  std::unique_ptr<Connection> writer_;
  std::unique_ptr<ConnectionPool> readers_;
  std::unique_ptr<PartCleaner> cleaner_;
  std::mutex writing_;
  std::atomic<bool> synced_{false};  // false: what a search shows may not be on disk, from a crash or a failed append
  Names names_;
  AttributeKeys keys_;  // of the writer; names_ has what is stored of them
  BatchEncoder encoder_{keys_, &names_.vocabulary()};
  NewestBatch newest_;
  RecentEvents recent_;
  std::unique_ptr<ContentLoader> loader_;  // after names_ and newest_, which it fills
  mutable std::mutex counting_;            // guards counters_
  Counters counters_;
};

Result<void> EmbeddedStore::open() {
  std::error_code error;
  std::filesystem::create_directories(options_.directory, error);
  const std::filesystem::path directory = std::filesystem::absolute(options_.directory, error).lexically_normal();
  if (error) {
    return fail(ErrorCode::unavailable,
                fmt::format("the event store's directory {}: {}", options_.directory, error.message()));
  }
  std::vector<std::string> settings;
  if (options_.memory_bytes > 0) settings.push_back(fmt::format("max_server_memory_usage={}", options_.memory_bytes));
  settings.push_back(fmt::format("index_uncompressed_cache_size={}", kFilterCacheBytes));
  Result<std::unique_ptr<Engine>> engine = Engine::start(directory.string(), std::move(settings));
  if (!engine) return std::unexpected(engine.error());
  engine_ = std::move(*engine);
  if (options_.log) options_.log(fmt::format("event store: libchdb {} at {}", Engine::version(), directory.string()));
  Result<std::unique_ptr<Connection>> writer = engine_->connect();
  if (!writer) return std::unexpected(writer.error());
  writer_ = std::move(*writer);
  if (Result<void> migrated = migrate(*writer_, options_.log); !migrated) return migrated;
  if (Result<void> loaded = names_.load(*writer_); !loaded) return loaded;
  keys_ = names_.content()->keys;
  Result<std::unique_ptr<ConnectionPool>> readers = ConnectionPool::open(*engine_, std::max(1U, options_.readers));
  if (!readers) return std::unexpected(readers.error());
  readers_ = std::move(*readers);
  Result<std::unique_ptr<Connection>> for_cleaner = engine_->connect();
  if (!for_cleaner) return std::unexpected(for_cleaner.error());
  cleaner_ = std::make_unique<PartCleaner>(std::move(*for_cleaner), directory.string());
  Result<std::unique_ptr<Connection>> for_loader = engine_->connect();
  if (!for_loader) return std::unexpected(for_loader.error());
  loader_ = std::make_unique<ContentLoader>(std::move(*for_loader), names_.content(), names_.vocabulary(), newest_);
  return {};
}

// The store makes ids from the key and the place: any other id would be lost.
Result<void> check_ids(std::span<const PendingBatch> batches) {
  for (const PendingBatch& batch : batches) {
    const BatchId id = make_batch_id(batch.header.key);
    std::uint32_t index = 0;
    for (const Event& event : batch.events->events()) {
      if (event.id != make_event_id(id, index++)) {
        return fail(ErrorCode::internal, fmt::format("event {} has not the id of its place", to_string(event.id)));
      }
    }
  }
  return {};
}

Result<void> EmbeddedStore::append(std::span<const PendingBatch> batches) {
  const bool empty = std::ranges::all_of(batches, [](const PendingBatch& batch) { return batch.events->empty(); });
  if (empty) return {};
  if (Result<void> right = check_ids(batches); !right) return right;
  const std::lock_guard lock(writing_);
  for (const PendingBatch& batch : batches) newest_.announce(batch.header.number);
  const EncodedBlock block = encoder_.encode(batches);
  if (Result<void> learnt = names_.learn(*writer_, block, keys_); !learnt) return learnt;
  count(block);
  const std::vector<std::string_view> pieces(block.pieces.begin(), block.pieces.end());
  Result<void> inserted = writer_->insert(
      fmt::format("INSERT INTO {} ({}){}", kEventsTable, block.columns, kInsertSettings), "Native", pieces);
  if (!inserted) synced_ = false;
  return inserted;
}

void EmbeddedStore::count(const EncodedBlock& block) {
  const OriginalEncoder::Statistics& originals = encoder_.original_statistics();
  const std::lock_guard lock(counting_);
  counters_.originals_shaped = originals.shaped;
  counters_.originals_not_shaped = originals.not_shapeable;
  counters_.originals_over_limit = originals.over_limit;
  counters_.unnumbered_attributes += block.unnumbered;
  counters_.attribute_keys = keys_.size();
}

// The engine has the names of the time zones.
Result<void> EmbeddedStore::check_time_zone(Connection& connection, const std::string& zone) {
  if (zone == "UTC") return {};
  const Result<QueryOutput> output = connection.query(
      fmt::format("SELECT count() FROM system.time_zones WHERE time_zone = {}", quote_text(zone)), kRows);
  if (!output) return std::unexpected(output.error());
  if (BinaryReader(output->bytes).integer<std::uint64_t>() > 0) return {};
  return fail(ErrorCode::invalid_input,
              fmt::format("there is no time zone {}; names are like UTC or Europe/Berlin", zone.substr(0, 100)));
}

Result<SearchResult> EmbeddedStore::search(const SearchRequest& request, std::stop_token stop) {
  const auto start = std::chrono::steady_clock::now();
  const Pipes pipes = take_apart(*request.query);
  loader_->start();
  Result<SearchResult> result = newest_.search_up_to(request.bound(), [&](std::uint64_t newest_batch) {
    return pipes.makes_table() ? search_table(newest_batch, request, pipes, stop)
                               : search_events(newest_batch, request, pipes, stop);
  });
  if (!result) return result;
  const auto elapsed = std::chrono::steady_clock::now() - start;
  result->elapsed_ms = std::chrono::duration_cast<std::chrono::milliseconds>(elapsed).count();
  return result;
}

Result<SearchResult> EmbeddedStore::search_table(std::uint64_t newest_batch, const SearchRequest& request,
                                                 const Pipes& pipes, const std::stop_token& stop) {
  const Result<TableSql> table = table_sql(request, pipes, *names_.content(), request.limits.result_rows, newest_batch);
  if (!table) return std::unexpected(table.error());
  if (Result<void> fine = check_size(table->sql); !fine) return std::unexpected(fine.error());
  if (request.cursor) {
    return fail(ErrorCode::invalid_input, "the query makes a table, which is given whole: ask without a cursor");
  }
  Result<ConnectionPool::Lease> reader = readers_->take(stop);
  if (!reader) return std::unexpected(reader.error());
  if (Result<void> known = check_time_zone(**reader, request.time_zone); !known) return std::unexpected(known.error());
  const Result<QueryOutput> output = (*reader)->query(
      table->sql + limit_settings(request.limits, options_.search_threads), kRows, stop, request.limits.result_bytes);
  if (!output) return std::unexpected(output.error());
  Result<Table> rows = read_table(output->bytes, *table);
  if (!rows) return std::unexpected(rows.error());
  if (rows->rows.size() > request.limits.result_rows) {
    return fail(ErrorCode::too_large,
                fmt::format("the answer has more than {} rows; narrow the time range, or use top N",
                            request.limits.result_rows));
  }
  SearchResult result;
  result.scanned_rows = output->scanned_rows;
  result.table = std::move(*rows);
  return result;
}

Result<SearchResult> EmbeddedStore::search_events(std::uint64_t newest_batch, const SearchRequest& request,
                                                  const Pipes& pipes, const std::stop_token& stop) {
  std::uint64_t rows = std::min<std::uint64_t>(request.limit, request.limits.result_rows);
  const std::uint64_t given = request.cursor ? request.cursor->given : 0;
  const std::uint64_t all = pipes.limit != nullptr ? pipes.limit->limit : UINT64_MAX;
  rows = std::min(rows, all - std::min(all, given));
  const std::shared_ptr<const Content> content = names_.content();
  Result<ConnectionPool::Lease> reader = readers_->take(stop);
  if (!reader) return std::unexpected(reader.error());
  if (Result<void> known = check_time_zone(**reader, request.time_zone); !known) return std::unexpected(known.error());
  SearchResult result;
  const auto read_page = [&](const SearchRequest& asked) -> Result<EventBatch> {
    const std::string sql = page_sql(asked, pipes, *content, rows, newest_batch);
    if (sql.empty()) return EventBatch();
    if (Result<void> fine = check_size(sql); !fine) return std::unexpected(fine.error());
    return read(**reader, sql, *content, request.limits, stop, result);
  };
  Result<EventBatch> events = EventBatch();
  const bool newest_of_all =
      !request.query->filter && !request.to_ms && !request.cursor && pipes.sort == nullptr && rows > 0;
  if (const std::int64_t since = recent_.since(rows + 1);
      newest_of_all && since > request.from_ms.value_or(INT64_MIN)) {
    SearchRequest recent = request;
    recent.from_ms = since;
    events = read_page(recent);
  }
  if (events && events->size() <= rows) events = read_page(request);
  if (!events) return std::unexpected(events.error());
  const bool more = events->size() > rows;
  if (more && newest_of_all) recent_.saw(events->size(), events->events().back().event_time_ms);
  if (more) events->events().pop_back();
  if (more && rows > 0 && given + rows < all) {
    const Event& last = events->events().back();
    result.next = Cursor{.event_time_ms = last.event_time_ms,
                         .id = last.id,
                         .newest_batch = request.bound(),
                         .given = given + rows,
                         .asked_ms = request.cursor ? request.cursor->asked_ms : 0};
  }
  if (pipes.fields != nullptr) {
    result.table = project(*events, pipes.fields->fields);
  } else {
    result.events = std::move(*events);
  }
  return result;
}

Result<EventBatch> EmbeddedStore::read(Connection& connection, const std::string& sql, const Content& content,
                                       const QueryLimits& limits, const std::stop_token& stop, SearchResult& result) {
  const Result<QueryOutput> output =
      connection.query(sql + limit_settings(limits, options_.search_threads), kRows, stop, limits.result_bytes);
  if (!output) return std::unexpected(output.error());
  result.scanned_rows += output->scanned_rows;
  EventBatch events;
  // Keys may have been added meanwhile.
  const std::shared_ptr<const Content> now = names_.content();
  if (Result<void> done = clickhouse::read_events(output->bytes, content.filled, now->keys, events); !done) {
    return std::unexpected(done.error());
  }
  return events;
}

Result<std::vector<BatchHeader>> EmbeddedStore::batches_from(std::uint64_t first) {
  // Whoever finds a batch here may acknowledge it.
  if (!synced_) {
    if (Result<void> synced = sync_file_system(options_.directory); !synced) return std::unexpected(synced.error());
    synced_ = true;
  }
  Result<ConnectionPool::Lease> reader = readers_->take({});
  if (!reader) return std::unexpected(reader.error());
  const Result<QueryOutput> output =
      (*reader)->query(fmt::format("SELECT DISTINCT batch, received_time FROM {0} WHERE {1} >= {2} ORDER BY {1}",
                                   kEventsTable, kBatchNumberSql, first),
                       kRows);
  if (!output) return std::unexpected(output.error());
  std::vector<BatchHeader> headers;
  for (BinaryReader rows(output->bytes); !rows.at_end();) {
    BatchHeader& header = headers.emplace_back();
    const bool proper = read_batch_text(rows.text(), header);
    header.received_time_ms = rows.integer<std::int64_t>();
    if (rows.failed() || !proper) return fail(ErrorCode::corrupt, "a stored batch has no proper header");
  }
  return headers;
}

Result<EventBatch> EmbeddedStore::read_batch(std::uint64_t number) {
  Result<ConnectionPool::Lease> reader = readers_->take({});
  if (!reader) return std::unexpected(reader.error());
  const FieldSet fields = names_.content()->filled;
  const Result<QueryOutput> output =
      (*reader)->query(fmt::format("SELECT {} FROM {} WHERE {} = {} ORDER BY batch_row", event_columns(fields),
                                   kEventsTable, kBatchNumberSql, number),
                       kRows);
  if (!output) return std::unexpected(output.error());
  EventBatch batch;
  if (Result<void> read = clickhouse::read_events(output->bytes, fields, names_.content()->keys, batch); !read) {
    return std::unexpected(read.error());
  }
  return batch;
}

Result<void> EmbeddedStore::read_batches(std::uint64_t first, std::uint64_t last, const BatchVisitor& visit) {
  Result<ConnectionPool::Lease> reader = readers_->take({});
  if (!reader) return std::unexpected(reader.error());
  const std::string range =
      fmt::format("FROM {} WHERE {} BETWEEN {} AND {}", kEventsTable, kBatchNumberSql, first, last);
  const Result<QueryOutput> counted = (*reader)->query(
      fmt::format("SELECT {} AS number, count() {} GROUP BY number ORDER BY number", kBatchNumberSql, range), kRows);
  if (!counted) return std::unexpected(counted.error());
  const FieldSet fields = names_.content()->filled;
  const Result<QueryOutput> output = (*reader)->query(
      fmt::format("SELECT {} {} ORDER BY {}, batch_row", event_columns(fields), range, kBatchNumberSql), kRows);
  if (!output) return std::unexpected(output.error());
  EventBatch batch;
  RowCheck check;
  if (Result<void> read = clickhouse::read_events(output->bytes, fields, names_.content()->keys, batch, &check); !read)
    return read;
  std::span<const Event> rest(batch.events());
  std::span<const RowOddity> oddities(check.oddities());
  for (BinaryReader rows(counted->bytes); !rows.at_end();) {
    const auto number = rows.integer<std::uint64_t>();
    const auto count = rows.integer<std::uint64_t>();
    if (rows.failed() || count > rest.size()) return fail(ErrorCode::corrupt, "batches changed while they were read");
    const std::size_t first_row = batch.size() - rest.size();
    visit({number, rest.first(count), describe(take_rows(oddities, first_row + count), first_row)});
    rest = rest.subspan(count);
  }
  return {};
}

Result<std::vector<std::string>> EmbeddedStore::search_gaps() {
  Result<ConnectionPool::Lease> reader = readers_->take({});
  if (!reader) return std::unexpected(reader.error());
  return find_missing_names(**reader, options_.max_attribute_keys);
}

Result<EventBatch> EmbeddedStore::read_events(std::span<const EventId> ids, std::uint64_t newest_batch) {
  EventBatch none;
  if (ids.empty()) return none;
  Result<ConnectionPool::Lease> reader = readers_->take({});
  if (!reader) return std::unexpected(reader.error());
  const std::shared_ptr<const Content> content = names_.content();
  SearchResult unused;
  Result<EventBatch> events =
      read(**reader, events_sql(ids, newest_batch, content->filled), *content, QueryLimits(), {}, unused);
  if (!events) return events;
  std::map<EventId, std::size_t> order;
  for (std::size_t i = 0; i < ids.size(); ++i) order.emplace(ids[i], i);
  std::ranges::stable_sort(events->events(), {}, [&](const Event& event) { return order[event.id]; });
  return events;
}

Result<EventStore::Statistics> EmbeddedStore::statistics() {
  Result<ConnectionPool::Lease> reader = readers_->take({});
  if (!reader) return std::unexpected(reader.error());
  const Result<QueryOutput> output = (*reader)->query(
      fmt::format(
          "SELECT sum(rows), sum(bytes_on_disk), count() FROM system.parts WHERE active AND database = '{}' AND "
          "table = 'events'",
          kDatabase),
      kRows);
  if (!output) return std::unexpected(output.error());
  BinaryReader row(output->bytes);
  Statistics statistics;
  statistics.events = row.integer<std::uint64_t>();
  statistics.bytes_on_disk = row.integer<std::uint64_t>();
  statistics.parts = row.integer<std::uint64_t>();
  return statistics;
}

// The rows say which batches there are, the parts how much room they take.
Result<std::vector<EventStore::Day>> EmbeddedStore::days() {
  Result<ConnectionPool::Lease> reader = readers_->take({});
  if (!reader) return std::unexpected(reader.error());
  const Result<QueryOutput> output = (*reader)->query(
      fmt::format("SELECT toInt64(e.day), e.newest, e.events, p.bytes FROM "
                  "(SELECT day, max({}) AS newest, count() AS events FROM {} GROUP BY day) AS e LEFT JOIN "
                  "(SELECT toInt32(partition) AS day, sum(bytes_on_disk) AS bytes FROM system.parts "
                  "WHERE active AND database = '{}' AND table = 'events' GROUP BY day) AS p "
                  "ON e.day = p.day ORDER BY e.day",
                  kBatchNumberSql, kEventsTable, kDatabase),
      kRows);
  if (!output) return std::unexpected(output.error());
  std::vector<Day> days;
  for (BinaryReader rows(output->bytes); !rows.at_end();) {
    Day& day = days.emplace_back();
    day.day = rows.integer<std::int64_t>();
    day.newest_batch = rows.integer<std::uint64_t>();
    day.events = rows.integer<std::uint64_t>();
    day.bytes_on_disk = rows.integer<std::uint64_t>();
    if (rows.failed()) return fail(ErrorCode::corrupt, "the engine's answer ends within a row");
  }
  return days;
}

Result<void> EmbeddedStore::remove_day(std::int64_t day) {
  const std::lock_guard lock(writing_);
  const Result<QueryOutput> output =
      writer_->query(fmt::format("ALTER TABLE {} DROP PARTITION {}", kEventsTable, day), kRows);
  if (!output) return std::unexpected(output.error());
  return {};
}

}  // namespace

Result<std::unique_ptr<EventStore>> open_embedded(const EmbeddedOptions& options) {
  auto store = std::make_unique<EmbeddedStore>(options);
  if (Result<void> opened = store->open(); !opened) return std::unexpected(opened.error());
  return store;
}

}  // namespace sightline::store
