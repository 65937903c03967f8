// The control database as it is at one moment, for a backup: also beside a server that goes on writing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "control/chain_head.h"

namespace sightline::control {

// What was written after hold() is not in it. Not thread-safe.
class ControlCopy {
 public:
  // Holds the state of DIR/control.db, whose schema is not changed. While this object lives the file's write-ahead log
  // grows. Errors: conflict: written by another version than this program writes; corrupt; unavailable.
  static Result<std::unique_ptr<ControlCopy>> hold(const std::filesystem::path& directory);
  ~ControlCopy();

  ChainHead head() const;
  ChainHead audit_head() const;
  // False where a chain does not end where it was noted beside it that it ends.
  bool ends_fit() const;
  // When the newest batch was received; 0: there is none.
  Result<std::int64_t> newest_received_ms();
  // What SQLite itself finds wrong; at most `limit` lines.
  Result<std::vector<std::string>> damage(std::uint32_t limit);
  // Whether `head` is a link of the chain of batches, of the audit log. An empty head is.
  Result<bool> leads_through(const ChainHead& head);
  Result<bool> audit_leads_through(const ChainHead& head);

  // Writes all of it to `file`, which must not exist: one file, without a write-ahead log. Errors: unavailable
  // (disk full); cancelled.
  Result<void> write_to(const std::filesystem::path& file, const std::stop_token& stop,
                        const std::function<void(std::uint64_t done_bytes, std::uint64_t total_bytes)>& progress);

 private:
  struct State;
  explicit ControlCopy(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sightline::control
