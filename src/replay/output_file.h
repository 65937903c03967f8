// A file being written, plain or gzip.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

#include "base/error.h"

namespace sightline::replay {

// Not thread-safe. Errors are remembered and told by close().
class OutputFile {
 public:
  // Replaces what is there. Errors: unavailable.
  static Result<OutputFile> open(const std::filesystem::path& path, bool gzip);
  static OutputFile standard_output();

  void write(std::string_view bytes);
  // Errors: unavailable where anything could not be written.
  Result<void> close();
  std::uint64_t written_bytes() const { return written_bytes_; }  // before compression

 private:
  struct Handle;
  struct CloseHandle {
    void operator()(Handle* handle) const;
  };
  explicit OutputFile(std::unique_ptr<Handle, CloseHandle> handle) : handle_(std::move(handle)) {}

  std::unique_ptr<Handle, CloseHandle> handle_;
  std::uint64_t written_bytes_ = 0;
};

}  // namespace sightline::replay
