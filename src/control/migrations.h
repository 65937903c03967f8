// The schema of control.db, as numbered steps that only ever get longer. Private to this folder.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>

namespace sightline::control {

// Brings the schema up to date, each step in its own transaction. `file` is for messages.
// Throws Failure: conflict where the file is newer than this program, corrupt where it is no control database.
void migrate(SQLite::Database& connection, const std::filesystem::path& file);

// Throws as migrate() does, and changes nothing.
void check_schema(SQLite::Database& connection, const std::filesystem::path& file);

int schema_version(SQLite::Database& connection);  // 0: no schema yet
// The version that this program reads and writes.
int newest_schema_version();

}  // namespace sightline::control
