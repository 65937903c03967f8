// One process at a time on a data directory.
#pragma once

#include <filesystem>
#include <string_view>
#include <utility>

#include "base/descriptor.h"
#include "base/error.h"

namespace sightline::commands {

// A lock on DIR/lock that ends with the object, and with the process however it ends. The event store's engine can be
// opened by one process only, and a running server keeps tokens in memory: a token revoked behind its back would go on
// working.
class DataLock {
 public:
  // `directory` exists; `command` is what others are told that holds it, e.g. "sightlined serve".
  // Errors: conflict, naming who has it and what to do instead; unavailable.
  static Result<DataLock> take(const std::filesystem::path& directory, std::string_view command);

  DataLock() = default;

 private:
  explicit DataLock(Descriptor file) : file_(std::move(file)) {}
  Descriptor file_;
};

}  // namespace sightline::commands
