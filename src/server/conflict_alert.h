// The server's own alert about a batch key that was used for two contents.
#pragma once

#include "alerts/alert.h"
#include "base/hash.h"
#include "control/manifests.h"
#include "sources/decoder.h"

namespace sightline::server {

inline constexpr const char* kConflictRuleId = "sightline.batch-conflict";

// The same alert for the same key and content. Times are set at the commit.
alerts::Alert conflict_alert(const control::Manifest& stored, const Sha256Digest& other_body_hash,
                             const sources::DecodeContext& context);

}  // namespace sightline::server
