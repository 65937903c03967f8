#include "store/clickhouse/embedded/connection.h"

#include <fmt/format.h>

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <span>
#include <utility>

#include "store/clickhouse/embedded/chdb_abi.h"
#include "store/clickhouse/embedded/failed_writes.h"

namespace sightline::store::clickhouse {
namespace {

// The interface in chdb_abi.h is that of this release line.
constexpr std::string_view kExpectedVersion = "26.";

// The engine keeps global state: two at a time in one process would share it.
std::atomic<bool> engine_running{false};

// chdb_shutdown is for good: no engine starts after it. It runs when the process exits, before the engine's own static
// objects go, and only if every connection has been closed.
void shut_down_at_exit() {
  static std::once_flag registered;
  std::call_once(registered, [] {
    std::atexit([] {
      if (!engine_running) chdb_shutdown();
    });
  });
}

std::optional<std::string> error_of(chdb_result result) {
  if (result == nullptr) return "the engine gave no result";
  const char* message = chdb_result_error(result);
  return message == nullptr ? std::nullopt : std::optional<std::string>(message);
}

struct ResultDeleter {
  void operator()(chdb_result_opaque* result) const { chdb_destroy_query_result(result); }
};
using ResultPtr = std::unique_ptr<chdb_result_opaque, ResultDeleter>;

struct InsertDeleter {
  void operator()(chdb_insert_opaque* stream) const { chdb_destroy_insert_stream(stream); }
};
using InsertPtr = std::unique_ptr<chdb_insert_opaque, InsertDeleter>;

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace

struct Connection::Handle {
  chdb_conn* connection = nullptr;
  ~Handle() {
    if (connection != nullptr) chdb_close_conn(connection);
  }
};

Connection::Connection(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}
Connection::~Connection() = default;

Result<QueryOutput> Connection::query(std::string_view sql, std::string_view format) {
  const ResultPtr result(chdb_query_n(*handle_->connection, sql.data(), sql.size(), format.data(), format.size()));
  if (const auto message = error_of(result.get())) return std::unexpected(explain_error(*message));
  QueryOutput output;
  output.bytes.assign(chdb_result_buffer(result.get()), chdb_result_length(result.get()));
  output.scanned_rows = chdb_result_storage_rows_read(result.get());
  return output;
}

Result<QueryOutput> Connection::query(std::string_view sql, std::string_view format, const std::stop_token& stop,
                                      std::uint64_t max_bytes) {
  if (stop.stop_requested()) return fail(ErrorCode::cancelled, "the search was cancelled");
  const chdb_conn connection = *handle_->connection;
  const ResultPtr stream(chdb_stream_query_n(connection, sql.data(), sql.size(), format.data(), format.size()));
  if (const auto message = error_of(stream.get())) return std::unexpected(explain_error(*message));
  QueryOutput output;
  while (true) {
    if (stop.stop_requested()) {
      chdb_stream_cancel_query(connection, stream.get());
      return fail(ErrorCode::cancelled, "the search was cancelled");
    }
    const ResultPtr chunk(chdb_stream_fetch_result(connection, stream.get()));
    if (const auto message = error_of(chunk.get())) return std::unexpected(explain_error(*message));
    const std::size_t size = chdb_result_length(chunk.get());
    if (size == 0) break;
    if (output.bytes.size() + size > max_bytes) {
      chdb_stream_cancel_query(connection, stream.get());
      return fail(ErrorCode::too_large,
                  fmt::format("the answer is longer than {} MiB; ask for fewer events at a time, or narrow the search",
                              max_bytes >> 20));
    }
    output.bytes.append(chdb_result_buffer(chunk.get()), size);
    output.scanned_rows += chdb_result_storage_rows_read(chunk.get());
  }
  return output;
}

Result<void> Connection::insert(std::string_view sql, std::string_view format,
                                std::span<const std::string_view> blocks) {
  const std::uint64_t failed_syncs = failed_directory_syncs();
  const InsertPtr stream(
      chdb_stream_insert_n(*handle_->connection, sql.data(), sql.size(), format.data(), format.size()));
  const auto failed = [&](std::string_view fallback) -> std::unexpected<Error> {
    const char* message = chdb_stream_insert_error(stream.get());
    Error error = explain_error(message == nullptr ? fallback : message);
    chdb_stream_cancel_insert(stream.get());
    return std::unexpected(std::move(error));
  };
  if (stream == nullptr) return fail(ErrorCode::unavailable, "the engine did not start the insert");
  if (chdb_stream_insert_error(stream.get()) != nullptr) return failed("the insert was refused");
  for (const std::string_view block : blocks) {
    if (chdb_stream_append(stream.get(), block.data(), block.size()) != 0) return failed("the insert broke off");
  }
  const ResultPtr result(chdb_stream_done(stream.get()));
  if (const auto message = error_of(result.get())) return std::unexpected(explain_error(*message));
  if (failed_directory_syncs() != failed_syncs) {
    return fail(ErrorCode::unavailable, "a directory of the event store could not be synced to disk");
  }
  return {};
}

Result<std::unique_ptr<Engine>> Engine::start(std::string absolute_directory, std::vector<std::string> settings) {
  const std::string linked = version();
  if (!linked.starts_with(kExpectedVersion)) {
    return fail(ErrorCode::conflict,
                fmt::format("this build needs libchdb {}x, but {} is linked", kExpectedVersion, linked));
  }
  if (!writes_are_watched()) {
    return fail(ErrorCode::internal, "this program is linked so that failed writes of the engine would go unnoticed");
  }
  if (engine_running.exchange(true)) {
    return fail(ErrorCode::conflict, "an event store is open in this process already; only one may be");
  }
  shut_down_at_exit();
  std::unique_ptr<Engine> engine(new Engine);
  chdb_set_signal_handlers_enabled(0);
  // The length of a statement counts before its own SETTINGS are read: a page's events are asked for by place, and
  // 10,000 places are longer than the default of 256 KiB.
  engine->arguments_ = {"clickhouse", "--path=" + absolute_directory, "--max_query_size=67108864"};
  for (const std::string& setting : settings) engine->arguments_.push_back("--" + setting);
  Result<std::unique_ptr<Connection>> first = engine->connect();
  if (!first) {
    return fail(ErrorCode::unavailable,
                fmt::format("the event store at {} does not open: is another process using it, and is it writable?",
                            absolute_directory));
  }
  engine->first_ = std::move(*first);
  return engine;
}

Engine::~Engine() {
  first_.reset();
  engine_running = false;
}

Result<std::unique_ptr<Connection>> Engine::connect() {
  std::vector<char*> arguments;
  for (std::string& argument : arguments_) arguments.push_back(argument.data());
  auto handle = std::make_unique<Connection::Handle>();
  handle->connection = chdb_connect(static_cast<int>(arguments.size()), arguments.data());
  if (handle->connection == nullptr || *handle->connection == nullptr) {
    return fail(ErrorCode::unavailable, "the engine gave no connection");
  }
  return std::unique_ptr<Connection>(new Connection(std::move(handle)));
}

std::string Engine::version() {
  const char* text = chdb_version();
  return text == nullptr ? "an unknown version" : text;
}

Error explain_error(std::string_view message) {
  if (contains(message, "TIMEOUT_EXCEEDED") || contains(message, "TOO_SLOW")) {
    return {ErrorCode::timeout,
            "the search took longer than its time limit; narrow the time range or add a field to the query"};
  }
  if (contains(message, "MEMORY_LIMIT_EXCEEDED")) {
    return {
        ErrorCode::too_large,
        "the search needs more memory than it may use; narrow the time range, or group by a field with fewer values"};
  }
  if (contains(message, "TOO_MANY_ROWS") || contains(message, "SET_SIZE_LIMIT_EXCEEDED")) {
    return {ErrorCode::too_large,
            "the answer has more rows than allowed; narrow the time range, or add limit N or top N"};
  }
  if (contains(message, "QUERY_WAS_CANCELLED")) return {ErrorCode::cancelled, "the search was cancelled"};
  if (contains(message, "CANNOT_COMPILE_REGEXP")) {
    return {ErrorCode::invalid_input, fmt::format("the engine does not accept this regular expression: {}", message)};
  }
  if (contains(message, "CHECKSUM_DOESNT_MATCH") || contains(message, "CORRUPTED_DATA")) {
    return {ErrorCode::corrupt, fmt::format("stored events are damaged: {}", message)};
  }
  return {ErrorCode::unavailable, fmt::format("the event store's engine: {}", message)};
}

}  // namespace sightline::store::clickhouse
