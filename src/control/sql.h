// Values into and out of SQLite statements. Private to this folder.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <concepts>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "control/database.h"

namespace sightline::control::sql {

struct Blob {
  std::string_view bytes;
};

template <std::size_t Size>
Blob blob(const std::array<std::uint8_t, Size>& bytes) {
  return {{reinterpret_cast<const char*>(bytes.data()), bytes.size()}};
}

inline void set(SQLite::Statement& statement, int index, std::integral auto value) {
  statement.bind(index, static_cast<std::int64_t>(value));
}
inline void set(SQLite::Statement& statement, int index, std::string_view text) {
  statement.bind(index, std::string(text));
}
inline void set(SQLite::Statement& statement, int index, Blob value) {
  // A null pointer would bind NULL, not the empty blob.
  const void* bytes = value.bytes.empty() ? "" : value.bytes.data();
  statement.bind(index, bytes, static_cast<int>(value.bytes.size()));
}
template <class Value>
void set(SQLite::Statement& statement, int index, const std::optional<Value>& value) {
  if (value) {
    set(statement, index, *value);
  } else {
    statement.bind(index);
  }
}

// Binds the values to ?1, ?2, …
template <class... Values>
void bind_all(SQLite::Statement& statement, const Values&... values) {
  int index = 0;
  (set(statement, ++index, values), ...);
}

// For statements run many times: resets, binds, runs.
template <class... Values>
int run(SQLite::Statement& statement, const Values&... values) {
  statement.reset();
  bind_all(statement, values...);
  return statement.exec();
}

// Runs it once; the number of rows changed.
template <class... Values>
int execute(SQLite::Database& connection, const char* text, const Values&... values) {
  SQLite::Statement statement(connection, text);
  bind_all(statement, values...);
  return statement.exec();
}

[[noreturn]] inline void refuse(const SQLite::Column& column, const char* problem) {
  throw Failure{{ErrorCode::corrupt, std::string("control database: ") + problem + " " + column.getName()}};
}

// SQLite keeps any type in any column, and a text that reads as a number is not equal to it. What we did not write is
// not taken for what we did. All throw Failure (corrupt).
inline std::string text(const SQLite::Column& column) {
  if (!column.isText()) refuse(column, "no text in");
  return column.getString();
}
inline std::string binary(const SQLite::Column& column) {
  if (!column.isBlob()) refuse(column, "no bytes in");
  return column.getString();
}
inline std::int64_t integer(const SQLite::Column& column) {
  if (!column.isInteger()) refuse(column, "no integer in");
  return column.getInt64();
}
inline std::uint64_t unsigned_integer(const SQLite::Column& column) {
  return static_cast<std::uint64_t>(integer(column));
}
inline std::optional<std::int64_t> optional_integer(const SQLite::Column& column) {
  return column.isNull() ? std::nullopt : std::optional(integer(column));
}

// Throws Failure (corrupt) where the column does not hold exactly as many bytes.
template <class Bytes>
Bytes bytes(const SQLite::Column& column) {
  Bytes value{};
  if (static_cast<std::size_t>(column.getBytes()) != value.size()) {
    refuse(column, "wrong size of");
  }
  std::memcpy(value.data(), column.getBlob(), value.size());
  return value;
}

}  // namespace sightline::control::sql
