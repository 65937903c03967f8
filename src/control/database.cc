#include "control/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include "control/migrations.h"

namespace sightline::control {

namespace {

constexpr int kBusyTimeoutMs = 5'000;

ErrorCode code_of(int sqlite_code) {
  switch (sqlite_code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::corrupt;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_NOMEM:
    case SQLITE_PERM:
      return ErrorCode::unavailable;
    default:
      return ErrorCode::internal;
  }
}

}  // namespace

Error Database::current_error() {
  try {
    throw;
  } catch (const Failure& failure) {
    return failure.error;
  } catch (const SQLite::Exception& exception) {
    return {code_of(exception.getErrorCode()), fmt::format("control database: {}", exception.what())};
  } catch (const std::bad_alloc&) {
    return {ErrorCode::unavailable, "control database: out of memory"};
  } catch (const std::exception& exception) {
    return {ErrorCode::internal, fmt::format("control database: {}", exception.what())};
  }
}

Database::Database(const std::filesystem::path& file)
    : connection_(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, kBusyTimeoutMs) {}

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& file) {
  return guarded([&] {
    std::unique_ptr<Database> database(new Database(file));
    SQLite::Database& connection = database->connection_;
    migrate(connection, file);  // first: a file that is refused stays as it is
    connection.exec("PRAGMA journal_mode=WAL");
    connection.exec("PRAGMA synchronous=FULL");
    connection.exec("PRAGMA foreign_keys=ON");
    connection.exec("PRAGMA trusted_schema=OFF");
    return database;
  });
}

Result<std::vector<std::string>> Database::damage(std::uint32_t limit) {
  return guarded([&] {
    SQLite::Database reader(connection_.getFilename(), SQLite::OPEN_READONLY, kBusyTimeoutMs);
    return integrity_problems(reader, limit);
  });
}

std::vector<std::string> integrity_problems(SQLite::Database& connection, std::uint32_t limit) {
  SQLite::Statement row(connection, fmt::format("PRAGMA integrity_check({})", limit));
  std::vector<std::string> lines;
  while (row.executeStep()) {
    std::string line = row.getColumn(0).getString();
    if (line != "ok") lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace sightline::control
