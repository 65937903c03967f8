// Files and folders as backups need them: copied and hashed in one go, never through a link, made for their owner
// alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/hash.h"

namespace sightline::backup {

// Errors of all: unavailable, naming the file; cancelled.

struct Content {
  std::uint64_t size = 0;
  Sha256Digest digest{};
};

// `to` must not exist. Not durable until sync_file_system().
Result<Content> copy_file(const std::filesystem::path& from, const std::filesystem::path& to,
                          const std::stop_token& stop);
Result<Content> hash_file(const std::filesystem::path& file, const std::stop_token& stop);
Result<std::string> read_file(const std::filesystem::path& file, std::uint64_t max_bytes);

Result<void> set_modified(const std::filesystem::path& file, std::int64_t modified_ns);

// Mode 0700, with those above it.
Result<void> make_directories(const std::filesystem::path& directory);

// An exclusive lock on a folder itself, until the descriptor closes; not open where another process has it.
Result<Descriptor> lock_directory(const std::filesystem::path& directory);

}  // namespace sightline::backup
