#include "control/copies.h"

#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "control/copy_rows.h"
#include "control/database.h"
#include "control/sql.h"

namespace sightline::control {

namespace {

// A row is one blob a batch, so that committing costs no index: random keys in a B-tree would cost a page write each.
constexpr std::size_t kFingerprintBytes = 16;
constexpr std::size_t kIndexBytes = 4;
constexpr std::size_t kEntryBytes = kFingerprintBytes + kIndexBytes;

std::string pack(std::span<const CopyFingerprint> fingerprints) {
  std::string bytes;
  bytes.reserve(fingerprints.size() * kEntryBytes);
  for (const CopyFingerprint& entry : fingerprints) {
    bytes.append(reinterpret_cast<const char*>(entry.fingerprint.data()), kFingerprintBytes);
    for (std::size_t byte = 0; byte < kIndexBytes; ++byte) bytes += static_cast<char>(entry.index >> (8 * byte));
  }
  return bytes;
}

std::vector<CopyFingerprint> unpack(std::string_view bytes) {
  if (bytes.size() % kEntryBytes != 0) throw Failure{{ErrorCode::corrupt, "control database: fingerprints are cut"}};
  std::vector<CopyFingerprint> entries(bytes.size() / kEntryBytes);
  for (CopyFingerprint& entry : entries) {
    std::memcpy(entry.fingerprint.data(), bytes.data(), kFingerprintBytes);
    for (std::size_t byte = 0; byte < kIndexBytes; ++byte) {
      const auto value = static_cast<std::uint8_t>(bytes[kFingerprintBytes + byte]);
      entry.index |= static_cast<std::uint32_t>(value) << (8 * byte);
    }
    bytes.remove_prefix(kEntryBytes);
  }
  return entries;
}

}  // namespace

void insert_fingerprints(SQLite::Database& connection, std::uint64_t batch,
                         std::span<const CopyFingerprint> fingerprints) {
  if (fingerprints.empty()) return;
  sql::execute(connection, "INSERT INTO copies (batch, fingerprints) VALUES (?1, ?2)", batch,
               sql::Blob{pack(fingerprints)});
}

Result<void> CopyTable::for_each(const std::function<void(const BatchFingerprints&)>& visit) {
  return database_.read([&](SQLite::Database& connection) {
    SQLite::Statement row(connection,
                          "SELECT c.batch, m.received_time_ms, c.fingerprints "
                          "FROM copies c JOIN manifests m ON m.number = c.batch ORDER BY c.batch");
    while (row.executeStep()) {
      visit({sql::unsigned_integer(row.getColumn(0)), sql::integer(row.getColumn(1)),
             unpack(sql::binary(row.getColumn(2)))});
    }
  });
}

Result<CopyHorizon> CopyTable::horizon() {
  return database_.read([](SQLite::Database& connection) {
    SQLite::Statement row(connection, "SELECT forgotten_below, forgotten_until_ms FROM copies_horizon");
    CopyHorizon horizon;
    if (row.executeStep()) {
      horizon = {sql::unsigned_integer(row.getColumn(0)), sql::integer(row.getColumn(1))};
    }
    return horizon;
  });
}

Result<void> CopyTable::forget(const CopyHorizon& horizon) {
  return database_.write([&](SQLite::Database& connection) {
    sql::execute(connection, "DELETE FROM copies WHERE batch < ?1", horizon.forgotten_below);
    sql::execute(connection,
                 "UPDATE copies_horizon SET forgotten_below = max(forgotten_below, ?1), "
                 "forgotten_until_ms = max(forgotten_until_ms, ?2)",
                 horizon.forgotten_below, horizon.forgotten_until_ms);
  });
}

}  // namespace sightline::control
