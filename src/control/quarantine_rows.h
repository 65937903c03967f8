// Quarantined input within someone else's transaction. Private to this folder.
#pragma once

#include <cstdint>
#include <span>

#include "control/database.h"
#include "control/manifests.h"
#include "control/quarantine.h"
#include "sources/decoder.h"

namespace sightline::control {

// Keeps the rejected lines of a batch and lets the oldest rows go where a limit asks for it. Returns how many lines,
// of this or earlier batches, are no longer kept or never were.
std::uint64_t quarantine_lines(SQLite::Database& connection, const Manifest& manifest,
                               std::span<const sources::Rejected> rejected, std::uint64_t rejected_count,
                               const QuarantineLimits& limits);

// Deletes lines received before, counted as dropped; how many.
std::uint64_t delete_quarantined(SQLite::Database& connection, std::int64_t received_before_ms);

}  // namespace sightline::control
