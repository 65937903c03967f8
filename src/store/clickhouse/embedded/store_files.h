// The files of the store's directory, at one moment.
#pragma once

#include <filesystem>
#include <stop_token>

#include "base/error.h"

namespace sightline::store {

// Makes `target`, which must not exist, a copy of the store's directory `source` out of hard links: it takes no space
// and no time to speak of, and an engine that opens a real copy of it finds every row that was stored when this began.
// The engine may be running on `source`, merging and inserting, but nothing may remove rows or change tables meanwhile.
// How: parts are never changed once they are in place, and vanish only after the part that they were merged into is in
// place; so what is listed again after something vanished is complete. Links to the same part as before cost nothing.
// Errors: unavailable (both must be on one file system that has hard links); cancelled.
Result<void> link_embedded_files(const std::filesystem::path& source, const std::filesystem::path& target,
                                 const std::stop_token& stop);

}  // namespace sightline::store
