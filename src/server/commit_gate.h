// Lets another process see the data directory between two commits.
#pragma once

#include <chrono>
#include <filesystem>
#include <utility>

#include "base/descriptor.h"
#include "base/error.h"

namespace sightline::server {

// Locks on DIR/gate, which end with the process however it ends. The committer passes one commit at a time; whoever
// closes the gate waits for the commit that is under way, and holds up the next. One object per thread.
class CommitGate {
 public:
  // Errors: unavailable.
  static Result<CommitGate> open(const std::filesystem::path& directory);

  CommitGate() = default;

  // True where the gate was open, or opened within `patience`. Patience is lost once: after it ran out nothing is
  // waited for until the gate was found open again. False at once where the file cannot be locked. Call leave()
  // afterwards, whatever it returned.
  bool pass(std::chrono::milliseconds patience);
  void leave();
  // The last pass() was false.
  bool gave_up() const { return gave_up_; }

  // True once nobody else passes or has closed it; false where that took longer. reopen() ends it.
  // Errors: unavailable, where the file cannot be locked.
  Result<bool> close(std::chrono::milliseconds patience);
  void reopen() { leave(); }

 private:
  CommitGate(Descriptor file, std::filesystem::path path) : file_(std::move(file)), path_(std::move(path)) {}
  Descriptor file_;
  std::filesystem::path path_;
  bool gave_up_ = false;
};

}  // namespace sightline::server
