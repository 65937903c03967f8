// Fingerprints within someone else's transaction. Private to this folder.
#pragma once

#include <cstdint>
#include <span>

#include "control/copies.h"
#include "control/database.h"

namespace sightline::control {

void insert_fingerprints(SQLite::Database& connection, std::uint64_t batch,
                         std::span<const CopyFingerprint> fingerprints);

}  // namespace sightline::control
