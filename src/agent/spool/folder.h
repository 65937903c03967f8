// The spool's folder: its lock, its files' names, what the system says of it.
//
//   lock              held while a process has the spool open; holds its id
//   state             how far was acknowledged (state_file.h)
//   NUMBER.segment    frames, in the order of their numbers (segment_header.h, frame.h)
//   NUMBER.new        a segment that was being made
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/descriptor.h"
#include "base/error.h"

namespace sightline::agent {

// Made, with mode 0700, where there is none; its parent must be there. Errors: unavailable.
Result<void> make_folder(const std::filesystem::path& folder);
// Held as long as the descriptor is open. Errors: conflict (another process has it); unavailable.
Result<Descriptor> lock_folder(const std::filesystem::path& folder);
// What was made, renamed or removed in it is durable. Errors: unavailable.
Result<void> sync_folder(const std::filesystem::path& folder);

std::filesystem::path segment_path(const std::filesystem::path& folder, std::uint64_t number);
// Numbers, ascending. Removes segments that were being made. Errors: unavailable.
Result<std::vector<std::uint64_t>> list_segments(const std::filesystem::path& folder);

// What its file system has left for this process. Errors: unavailable.
Result<std::uint64_t> free_bytes(const std::filesystem::path& folder);

}  // namespace sightline::agent
