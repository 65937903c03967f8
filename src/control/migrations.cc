#include "control/migrations.h"

#include <fmt/format.h>

#include <array>
#include <iterator>

#include "control/database.h"

namespace sightline::control {

namespace {

// "SLcp": marks the file as ours.
constexpr int kApplicationId = 0x534c6370;

// Hashes and fingerprints are blobs; times are milliseconds since 1970. Unsigned 64-bit numbers are kept as the signed
// number of the same bits.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE senders (
  id INTEGER PRIMARY KEY,
  principal TEXT NOT NULL,
  source TEXT NOT NULL,
  UNIQUE (principal, source)
);
CREATE TABLE manifests (
  number INTEGER PRIMARY KEY,
  sender INTEGER NOT NULL REFERENCES senders (id),
  epoch INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  body_hash BLOB NOT NULL,
  format TEXT NOT NULL,
  received_time_ms INTEGER NOT NULL,
  event_count INTEGER NOT NULL,
  recovered INTEGER NOT NULL,
  content_hash BLOB NOT NULL,
  alerts_hash BLOB NOT NULL,
  link BLOB NOT NULL,
  UNIQUE (sender, epoch, sequence)
);
CREATE TRIGGER manifests_are_final BEFORE UPDATE ON manifests
  BEGIN SELECT RAISE (ABORT, 'manifests are never changed'); END;
CREATE TRIGGER manifests_stay BEFORE DELETE ON manifests
  BEGIN SELECT RAISE (ABORT, 'manifests are never deleted'); END;

-- Only batches with rejected lines, and recovered ones once the sender asked again.
CREATE TABLE answers (
  batch INTEGER PRIMARY KEY REFERENCES manifests (number),
  accepted INTEGER NOT NULL,
  rejected_count INTEGER NOT NULL,
  lines_kept INTEGER NOT NULL
);
CREATE TABLE answer_lines (
  batch INTEGER NOT NULL REFERENCES answers (batch),
  position INTEGER NOT NULL,
  line INTEGER NOT NULL,
  error TEXT NOT NULL,
  PRIMARY KEY (batch, position)
) WITHOUT ROWID;

CREATE TABLE alerts (
  id TEXT PRIMARY KEY,
  batch INTEGER NOT NULL REFERENCES manifests (number),
  rule_id TEXT NOT NULL,
  title TEXT NOT NULL,
  severity INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  event_time_ms INTEGER NOT NULL,
  agent_id TEXT NOT NULL,
  hostname TEXT NOT NULL,
  tags TEXT NOT NULL,
  event_count INTEGER NOT NULL,
  status INTEGER NOT NULL DEFAULT 0,
  dismiss_reason INTEGER,
  dismiss_text TEXT,
  dismissed_by TEXT,
  dismissed_ms INTEGER
);
CREATE INDEX alerts_by_time ON alerts (created_ms, id);
CREATE INDEX alerts_by_status ON alerts (status, created_ms, id);
CREATE INDEX alerts_by_rule ON alerts (rule_id, created_ms, id);
CREATE INDEX alerts_by_batch ON alerts (batch);
CREATE TABLE alert_events (
  alert_id TEXT NOT NULL REFERENCES alerts (id),
  position INTEGER NOT NULL,
  batch INTEGER NOT NULL REFERENCES manifests (number),
  event_id BLOB NOT NULL,
  event_time_ms INTEGER NOT NULL,
  json TEXT NOT NULL,
  UNIQUE (alert_id, position)
);

CREATE TABLE detector_state (
  key TEXT PRIMARY KEY,
  value BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE quarantine (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  received_time_ms INTEGER NOT NULL,
  batch INTEGER NOT NULL,
  principal TEXT NOT NULL,
  source TEXT NOT NULL,
  format TEXT NOT NULL,
  line INTEGER NOT NULL,
  error TEXT NOT NULL,
  bytes BLOB NOT NULL,
  size_bytes INTEGER NOT NULL,
  kept_bytes INTEGER NOT NULL,
  counted_under INTEGER NOT NULL REFERENCES quarantine_counts (id)
);
CREATE INDEX quarantine_by_count ON quarantine (counted_under, id);
CREATE TABLE quarantine_counts (
  id INTEGER PRIMARY KEY,
  principal TEXT NOT NULL,
  source TEXT NOT NULL,
  rejected INTEGER NOT NULL DEFAULT 0,
  dropped INTEGER NOT NULL DEFAULT 0,
  kept_bytes INTEGER NOT NULL DEFAULT 0,
  UNIQUE (principal, source)
);

CREATE TABLE copies (
  batch INTEGER PRIMARY KEY,
  fingerprints BLOB NOT NULL
);
CREATE TABLE copies_horizon (
  forgotten_below INTEGER NOT NULL,
  forgotten_until_ms INTEGER NOT NULL
);
INSERT INTO copies_horizon VALUES (0, 0);

CREATE TABLE audit_log (
  number INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  principal TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT NOT NULL,
  link BLOB NOT NULL
);
CREATE TRIGGER audit_log_is_final BEFORE UPDATE ON audit_log
  BEGIN SELECT RAISE (ABORT, 'the audit log is never changed'); END;
CREATE TRIGGER audit_log_stays BEFORE DELETE ON audit_log
  BEGIN SELECT RAISE (ABORT, 'the audit log is never shortened'); END;

CREATE TABLE tokens (
  id TEXT PRIMARY KEY,
  secret_hash BLOB NOT NULL,
  name TEXT NOT NULL,
  scopes TEXT NOT NULL,
  agent_id TEXT NOT NULL,
  source TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  last_used_ms INTEGER,
  revoked_ms INTEGER
);
)sql";

// Where the two chains end, kept beside them: a chain whose end was cut off is shorter than this says.
constexpr const char* kVersion2 = R"sql(
CREATE TABLE chain_heads (
  chain TEXT PRIMARY KEY,
  number INTEGER NOT NULL,
  link BLOB NOT NULL
) WITHOUT ROWID;
INSERT INTO chain_heads SELECT 'batches', number, link FROM manifests ORDER BY number DESC LIMIT 1;
INSERT INTO chain_heads SELECT 'audit_log', number, link FROM audit_log ORDER BY number DESC LIMIT 1;
)sql";

// 0: without a bound.
constexpr const char* kVersion3 = R"sql(
ALTER TABLE tokens ADD COLUMN requests_per_s INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tokens ADD COLUMN bytes_per_s INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tokens ADD COLUMN events_per_day INTEGER NOT NULL DEFAULT 0;
)sql";

constexpr const char* kVersion4 = R"sql(
CREATE TABLE agent_tags (
  agent_id TEXT NOT NULL,
  tag TEXT NOT NULL,
  PRIMARY KEY (agent_id, tag)
) WITHOUT ROWID;
)sql";

// Of each rule one row is the newest; one without text says that the rule was removed.
constexpr const char* kVersion5 = R"sql(
CREATE TABLE rule_versions (
  rule_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  principal TEXT NOT NULL,
  text TEXT,
  fingerprint TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  is_newest INTEGER NOT NULL,
  UNIQUE (rule_id, version)
);
CREATE INDEX newest_rule_versions ON rule_versions (rule_id) WHERE is_newest = 1;
CREATE INDEX rule_versions_by_size ON rule_versions (size_bytes);
CREATE TABLE disabled_rules (
  rule_id TEXT PRIMARY KEY
) WITHOUT ROWID;
ALTER TABLE alerts ADD COLUMN rule_fingerprint TEXT NOT NULL DEFAULT '';
)sql";

constexpr std::array kSteps = {kVersion1, kVersion2, kVersion3, kVersion4, kVersion5};

int pragma(SQLite::Database& connection, const char* sql) { return connection.execAndGet(sql).getInt(); }

[[noreturn]] void refuse(ErrorCode code, std::string message) { throw Failure{{code, std::move(message)}}; }

}  // namespace

int newest_schema_version() { return static_cast<int>(std::size(kSteps)); }

void check_schema(SQLite::Database& connection, const std::filesystem::path& file) {
  const int version = pragma(connection, "PRAGMA user_version");
  if (version > newest_schema_version()) {
    refuse(ErrorCode::conflict,
           fmt::format("{} has schema version {}, this program knows versions up to {}: start the newer program that "
                       "wrote it, or restore a copy from before the update",
                       file.string(), version, newest_schema_version()));
  }
  const int application = pragma(connection, "PRAGMA application_id");
  const bool has_tables = pragma(connection, "SELECT EXISTS (SELECT 1 FROM sqlite_schema)") != 0;
  if (has_tables && application != kApplicationId) {
    refuse(ErrorCode::corrupt, fmt::format("{} is not a control database of this program", file.string()));
  }
}

int schema_version(SQLite::Database& connection) { return pragma(connection, "PRAGMA user_version"); }

void migrate(SQLite::Database& connection, const std::filesystem::path& file) {
  check_schema(connection, file);
  const int version = schema_version(connection);
  for (int step = version; step < newest_schema_version(); ++step) {
    SQLite::Transaction transaction(connection, SQLite::TransactionBehavior::IMMEDIATE);
    connection.exec(kSteps.at(static_cast<std::size_t>(step)));
    connection.exec(fmt::format("PRAGMA application_id = {}", kApplicationId));
    connection.exec(fmt::format("PRAGMA user_version = {}", step + 1));
    transaction.commit();
  }
}

}  // namespace sightline::control
