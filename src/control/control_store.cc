#include "control/control_store.h"

#include <fmt/format.h>

#include "control/alert_rows.h"
#include "control/chain_head_rows.h"
#include "control/copy_rows.h"
#include "control/database.h"
#include "control/quarantine_rows.h"
#include "control/sql.h"

namespace sightline::control {

struct ControlStore::State {
  State(std::unique_ptr<Database> opened, ControlOptions given)
      : database(std::move(opened)),
        options(given),
        manifests(*database),
        alerts(*database),
        quarantine(*database),
        audit_log(*database),
        copies(*database),
        agents(*database),
        rules(*database) {}

  std::unique_ptr<Database> database;
  ControlOptions options;
  ManifestTable manifests;
  AlertTable alerts;
  QuarantineTable quarantine;
  AuditLog audit_log;
  CopyTable copies;
  AgentTable agents;
  RuleTable rules;
  std::unique_ptr<TokenTable> tokens;
  std::unique_ptr<RetentionTable> retention;
};

ControlStore::ControlStore(std::unique_ptr<State> state) : state_(std::move(state)) {}
ControlStore::~ControlStore() = default;

Result<std::unique_ptr<ControlStore>> ControlStore::open(const std::filesystem::path& directory,
                                                         ControlOptions options) {
  auto database = Database::open(directory / "control.db");
  if (!database) return std::unexpected(database.error());
  auto state = std::make_unique<State>(std::move(*database), options);
  auto tokens = TokenTable::load(*state->database);
  if (!tokens) return std::unexpected(tokens.error());
  state->tokens = std::move(*tokens);
  auto retention = RetentionTable::load(*state->database);
  if (!retention) return std::unexpected(retention.error());
  state->retention = std::move(*retention);
  return std::unique_ptr<ControlStore>(new ControlStore(std::move(state)));
}

ManifestTable& ControlStore::manifests() { return state_->manifests; }
AlertTable& ControlStore::alerts() { return state_->alerts; }
QuarantineTable& ControlStore::quarantine() { return state_->quarantine; }
AuditLog& ControlStore::audit_log() { return state_->audit_log; }
TokenTable& ControlStore::tokens() { return *state_->tokens; }
CopyTable& ControlStore::copies() { return state_->copies; }
AgentTable& ControlStore::agents() { return state_->agents; }
RuleTable& ControlStore::rules() { return state_->rules; }
RetentionTable& ControlStore::retention() { return *state_->retention; }

namespace {

// The newest manifest. Throws Failure: corrupt where manifests after it were removed; going on would cover that up.
ChainHead read_head(SQLite::Database& connection) {
  const ChainEnd end = read_chain_end(connection, kBatchChain);
  if (end.last == end.kept) return end.last;
  throw Failure{{ErrorCode::corrupt,
                 fmt::format("the manifests end at batch {}, but the chain ended at batch {}: the control database was "
                             "changed; sightlined verify says more",
                             end.last.number, end.kept.number)}};
}

std::int64_t sender_id(SQLite::Database& connection, const BatchKey& key) {
  SQLite::Statement row(connection, "SELECT id FROM senders WHERE principal = ?1 AND source = ?2");
  sql::bind_all(row, key.principal, key.source);
  if (row.executeStep()) return row.getColumn(0).getInt64();
  sql::execute(connection, "INSERT INTO senders (principal, source) VALUES (?1, ?2)", key.principal, key.source);
  return connection.getLastInsertRowid();
}

void insert_answer(SQLite::Database& connection, std::uint64_t batch, const StoredAnswer& answer) {
  sql::execute(connection,
               "INSERT INTO answers (batch, accepted, rejected_count, lines_kept) VALUES (?1, ?2, ?3, 1) "
               "ON CONFLICT (batch) DO UPDATE SET lines_kept = 1",
               batch, answer.accepted, answer.rejected_count);
  SQLite::Statement row(connection, "INSERT INTO answer_lines (batch, position, line, error) VALUES (?1, ?2, ?3, ?4)");
  std::uint64_t position = 0;
  for (const RejectedLine& line : answer.rejected) sql::run(row, batch, position++, line.line, line.error);
}

// Lets go of the lines of answers that nobody asks for any more; a retry as late as that decodes again.
void forget_old_answers(SQLite::Database& connection, std::uint64_t newest, std::uint64_t kept) {
  if (newest <= kept) return;
  sql::execute(connection, "DELETE FROM answer_lines WHERE batch <= ?1", newest - kept);
  sql::execute(connection, "UPDATE answers SET lines_kept = 0 WHERE lines_kept = 1 AND batch <= ?1", newest - kept);
}

class Commit {
 public:
  Commit(SQLite::Database& connection, const ControlOptions& options, CommitOutcome& outcome)
      : connection_(connection),
        options_(options),
        outcome_(outcome),
        manifest_row_(connection,
                      "INSERT INTO manifests (number, sender, epoch, sequence, body_hash, format, received_time_ms, "
                      "event_count, recovered, content_hash, alerts_hash, link) "
                      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)") {}

  void add(BatchCommit& batch) {
    const std::vector<const alerts::Alert*> opened = new_alerts(connection_, batch.alerts);
    Manifest& manifest = batch.manifest;
    manifest.number = outcome_.head.number + 1;
    manifest.alerts_hash = hash_alerts(std::span<const alerts::Alert* const>(opened));
    manifest.link = chain_link(outcome_.head.link, manifest);
    insert(manifest);
    insert_alerts(connection_, manifest.number, opened);
    insert_fingerprints(connection_, manifest.number, batch.new_copies);
    if (batch.answer && batch.answer->rejected_count > 0) insert_answer(connection_, manifest.number, *batch.answer);
    outcome_.quarantine_dropped +=
        quarantine_lines(connection_, manifest, batch.rejected, batch.rejected_count, options_.quarantine);
    outcome_.alerts_opened += opened.size();
    outcome_.head = {manifest.number, manifest.link};
  }

 private:
  void insert(const Manifest& manifest) {
    sql::run(manifest_row_, manifest.number, sender_id(connection_, manifest.key), manifest.key.epoch,
             manifest.key.sequence, sql::blob(manifest.body_hash), manifest.format, manifest.received_time_ms,
             manifest.event_count, manifest.recovered, sql::blob(manifest.content_hash),
             sql::blob(manifest.alerts_hash), sql::blob(manifest.link));
  }

  SQLite::Database& connection_;
  const ControlOptions& options_;
  CommitOutcome& outcome_;
  SQLite::Statement manifest_row_;
};

void write_state(SQLite::Database& connection, std::span<const StateRow> rows) {
  for (const StateRow& row : rows) {
    if (row.value) {
      sql::execute(connection,
                   "INSERT INTO detector_state (key, value) VALUES (?1, ?2) "
                   "ON CONFLICT (key) DO UPDATE SET value = ?2",
                   row.key, sql::Blob{*row.value});
    } else {
      sql::execute(connection, "DELETE FROM detector_state WHERE key = ?1", row.key);
    }
  }
}

}  // namespace

Result<CommitOutcome> ControlStore::commit(std::uint64_t after, std::span<BatchCommit> batches,
                                           std::span<const StateRow> state) {
  return state_->database->write([&](SQLite::Database& connection) {
    CommitOutcome outcome;
    outcome.head = read_head(connection);
    if (outcome.head.number != after) {
      throw Failure{{ErrorCode::conflict, fmt::format("the chain ends at batch {}, not {}: does another process write?",
                                                      outcome.head.number, after)}};
    }
    Commit commit(connection, state_->options, outcome);
    for (BatchCommit& batch : batches) commit.add(batch);
    if (!batches.empty()) keep_head(connection, kBatchChain, outcome.head);
    write_state(connection, state);
    forget_old_answers(connection, outcome.head.number, state_->options.kept_answers);
    return outcome;
  });
}

Result<std::uint64_t> ControlStore::complete_answer(const Manifest& manifest, const StoredAnswer& answer,
                                                    std::span<const sources::Rejected> rejected) {
  return state_->database->write([&](SQLite::Database& connection) -> std::uint64_t {
    SQLite::Statement row(connection, "SELECT lines_kept FROM answers WHERE batch = ?1");
    sql::bind_all(row, manifest.number);
    const bool answered_before = row.executeStep();
    if (answered_before && row.getColumn(0).getInt() != 0) return 0;
    row.reset();
    insert_answer(connection, manifest.number, answer);
    if (answered_before || !manifest.recovered) return 0;  // quarantined then
    return quarantine_lines(connection, manifest, rejected, answer.rejected_count, state_->options.quarantine);
  });
}

Result<std::vector<std::string>> ControlStore::damage(std::uint32_t limit) { return state_->database->damage(limit); }

Result<std::vector<StateRow>> ControlStore::detector_state() {
  return state_->database->read([](SQLite::Database& connection) {
    SQLite::Statement row(connection, "SELECT key, value FROM detector_state ORDER BY key");
    std::vector<StateRow> rows;
    while (row.executeStep()) rows.push_back({sql::text(row.getColumn(0)), sql::binary(row.getColumn(1))});
    return rows;
  });
}

}  // namespace sightline::control
