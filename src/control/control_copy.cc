#include "control/control_copy.h"

#include <SQLiteCpp/Backup.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <utility>

#include "control/chain_head_rows.h"
#include "control/database.h"
#include "control/migrations.h"
#include "control/sql.h"

namespace sightline::control {

namespace {

constexpr int kBusyTimeoutMs = 5'000;
constexpr int kPagesAtOnce = 1'024;

bool has_link(SQLite::Database& connection, const char* query, const ChainHead& head) {
  if (head.number == 0) return true;
  SQLite::Statement row(connection, query);
  sql::bind_all(row, head.number);
  return row.executeStep() && sql::bytes<Sha256Digest>(row.getColumn(0)) == head.link;
}

}  // namespace

struct ControlCopy::State {
  explicit State(const std::filesystem::path& file)
      : connection(file.string(), SQLite::OPEN_READWRITE, kBusyTimeoutMs) {}
  SQLite::Database connection;  // within a read transaction
  ChainEnd batches;
  ChainEnd audit_log;
};

ControlCopy::ControlCopy(std::unique_ptr<State> state) : state_(std::move(state)) {}
ControlCopy::~ControlCopy() = default;

Result<std::unique_ptr<ControlCopy>> ControlCopy::hold(const std::filesystem::path& directory) {
  return Database::guarded([&] {
    const std::filesystem::path file = directory / "control.db";
    auto state = std::make_unique<State>(file);
    SQLite::Database& connection = state->connection;
    connection.exec("BEGIN");
    check_schema(connection, file);  // reads: from here on the transaction sees one state
    if (schema_version(connection) != newest_schema_version()) {
      throw Failure{{ErrorCode::conflict,
                     fmt::format("{} was written by an older version: start the server once", file.string())}};
    }
    state->batches = read_chain_end(connection, kBatchChain);
    state->audit_log = read_chain_end(connection, kAuditChain);
    return std::unique_ptr<ControlCopy>(new ControlCopy(std::move(state)));
  });
}

ChainHead ControlCopy::head() const { return state_->batches.last; }
ChainHead ControlCopy::audit_head() const { return state_->audit_log.last; }

bool ControlCopy::ends_fit() const {
  return state_->batches.last == state_->batches.kept && state_->audit_log.last == state_->audit_log.kept;
}

Result<std::int64_t> ControlCopy::newest_received_ms() {
  return Database::guarded([&] {
    return state_->connection.execAndGet("SELECT coalesce(max(received_time_ms), 0) FROM manifests").getInt64();
  });
}

Result<std::vector<std::string>> ControlCopy::damage(std::uint32_t limit) {
  return Database::guarded([&] { return integrity_problems(state_->connection, limit); });
}

Result<bool> ControlCopy::leads_through(const ChainHead& head) {
  return Database::guarded(
      [&] { return has_link(state_->connection, "SELECT link FROM manifests WHERE number = ?1", head); });
}

Result<bool> ControlCopy::audit_leads_through(const ChainHead& head) {
  return Database::guarded(
      [&] { return has_link(state_->connection, "SELECT link FROM audit_log WHERE number = ?1", head); });
}

Result<void> ControlCopy::write_to(
    const std::filesystem::path& file, const std::stop_token& stop,
    const std::function<void(std::uint64_t done_bytes, std::uint64_t total_bytes)>& progress) {
  return Database::guarded([&] {
    SQLite::Database target(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, kBusyTimeoutMs);
    const auto page_bytes = static_cast<std::uint64_t>(state_->connection.execAndGet("PRAGMA page_size").getInt());
    {
      SQLite::Backup copying(target, state_->connection);
      while (copying.executeStep(kPagesAtOnce) != SQLITE_DONE) {
        if (stop.stop_requested()) throw Failure{{ErrorCode::cancelled, "stopped"}};
        const auto total = static_cast<std::uint64_t>(copying.getTotalPageCount());
        const auto rest = static_cast<std::uint64_t>(copying.getRemainingPageCount());
        if (progress) progress((total - std::min(rest, total)) * page_bytes, total * page_bytes);
      }
    }
    target.exec("PRAGMA journal_mode=DELETE");  // what the pages say is the journal of where they came from
  });
}

}  // namespace sightline::control
