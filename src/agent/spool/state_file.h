// How far the spool was acknowledged and got, and whose that is: two records in one file, written in turn and in place.
// One that was being written when the power failed leaves the other, which is one acknowledgement older.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "agent/spool/keyed_check.h"
#include "base/descriptor.h"
#include "base/error.h"

namespace sightline::agent {

struct SpoolState {
  SpoolKey key{};
  std::uint64_t epoch = 0;
  std::uint64_t acknowledged = 0;    // the highest sequence; 0: none
  std::uint64_t newest_segment = 0;  // its number; 0: there was none
  std::uint64_t newest_first = 0;    // the first sequence of that one
};

// Not thread-safe.
class StateFile {
 public:
  // Made where there is none. Errors: unavailable.
  static Result<StateFile> open(const std::filesystem::path& file);

  // As it was when it was opened. Nothing: it is new or damaged.
  const std::optional<SpoolState>& stored() const { return stored_; }
  bool damaged() const { return damaged_; }

  // Survives the process, and the machine once it was synced. Errors: unavailable.
  Result<void> write(const SpoolState& state);
  // What was written last is durable. After a failure write() again: the system may have dropped it.
  // Errors: unavailable.
  Result<void> sync();

 private:
  StateFile(std::filesystem::path file, Descriptor descriptor)
      : file_(std::move(file)), descriptor_(std::move(descriptor)) {}
  void read();

  std::filesystem::path file_;
  Descriptor descriptor_;
  std::optional<SpoolState> stored_;
  bool damaged_ = false;
  std::uint64_t generation_ = 0;  // of the record that was written last
};

}  // namespace sightline::agent
