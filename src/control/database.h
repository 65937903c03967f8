// The control plane's SQLite file: one connection, used by one thread at a time. Private to this folder: SQLiteCpp's
// types and exceptions end here.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/error.h"

namespace sightline::control {

// Thrown inside read() and write() to leave with an error of one's own.
struct Failure {
  Error error;
};

// Thread-safe: a mutex serialises all use. WAL with synchronous=FULL: what write() did is durable when it returns.
class Database {
 public:
  // Opens the file, creates it where absent, and brings its schema up to date (migrations.h).
  // Errors: conflict (written by a newer version: the message names both), corrupt, unavailable.
  static Result<std::unique_ptr<Database>> open(const std::filesystem::path& file);

  // What SQLite itself finds wrong with the file, such as an index that lacks a row; at most `limit` lines. It reads
  // the whole file through a connection of its own, so that nobody waits for it.
  Result<std::vector<std::string>> damage(std::uint32_t limit);

  // Runs `work` with the connection. Exceptions become errors: corrupt, unavailable (disk full, I/O, another process
  // held the file for five seconds), internal.
  template <class Work>
  auto read(Work&& work) -> Result<std::invoke_result_t<Work, SQLite::Database&>> {
    const std::scoped_lock lock(mutex_);
    return guarded([&] { return std::invoke(std::forward<Work>(work), connection_); });
  }

  // The same in a transaction that commits when `work` returns and is undone when it throws.
  template <class Work>
  auto write(Work&& work) -> Result<std::invoke_result_t<Work, SQLite::Database&>> {
    using Value = std::invoke_result_t<Work, SQLite::Database&>;
    const std::scoped_lock lock(mutex_);
    return guarded([&]() -> Value {
      SQLite::Transaction transaction(connection_, SQLite::TransactionBehavior::IMMEDIATE);
      if constexpr (std::is_void_v<Value>) {
        std::invoke(std::forward<Work>(work), connection_);
        transaction.commit();
      } else {
        Value value = std::invoke(std::forward<Work>(work), connection_);
        transaction.commit();
        return value;
      }
    });
  }

  // Runs `work` with exceptions as errors, as above: for connections of one's own.
  template <class Work>
  static auto guarded(Work&& work) -> Result<std::invoke_result_t<Work>> {
    try {
      if constexpr (std::is_void_v<std::invoke_result_t<Work>>) {
        work();
        return {};
      } else {
        return work();
      }
    } catch (...) {
      return std::unexpected(current_error());
    }
  }

 private:
  explicit Database(const std::filesystem::path& file);

  // The error behind the exception in flight. Only within a catch block.
  static Error current_error();

  std::mutex mutex_;
  SQLite::Database connection_;
};

// As Database::damage(), of that connection. Throws SQLite::Exception.
std::vector<std::string> integrity_problems(SQLite::Database& connection, std::uint32_t limit);

}  // namespace sightline::control
