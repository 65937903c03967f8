#include "control/chain_head.h"

#include "control/chain_head_rows.h"
#include "control/sql.h"

namespace sightline::control {

namespace {

ChainHead head_row(SQLite::Statement& row) {
  if (!row.executeStep()) return {};
  return {sql::unsigned_integer(row.getColumn(0)), sql::bytes<Sha256Digest>(row.getColumn(1))};
}

}  // namespace

ChainEnd read_chain_end(SQLite::Database& connection, std::string_view chain) {
  SQLite::Statement last(connection, chain == kBatchChain
                                         ? "SELECT number, link FROM manifests ORDER BY number DESC LIMIT 1"
                                         : "SELECT number, link FROM audit_log ORDER BY number DESC LIMIT 1");
  SQLite::Statement kept(connection, "SELECT number, link FROM chain_heads WHERE chain = ?1");
  sql::bind_all(kept, chain);
  return {head_row(last), head_row(kept)};
}

void keep_head(SQLite::Database& connection, std::string_view chain, const ChainHead& head) {
  sql::execute(connection,
               "INSERT INTO chain_heads VALUES (?1, ?2, ?3) "
               "ON CONFLICT (chain) DO UPDATE SET number = excluded.number, link = excluded.link",
               chain, head.number, sql::blob(head.link));
}

}  // namespace sightline::control
