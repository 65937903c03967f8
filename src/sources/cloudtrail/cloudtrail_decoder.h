// AWS CloudTrail.
#pragma once

#include <memory>

#include "sources/decoder.h"

namespace sightline::cloudtrail {

// Reads CloudTrail's JSON: log files ({"Records":[…]}), arrays, single events, one a line or pretty-printed, and any
// number of these one after the other. An event's original is its object's bytes as they stood. Objects with neither
// eventName nor eventSource (digest files, …) are rejected. docs/sources/cloudtrail.md says which fields are filled.
std::unique_ptr<sources::Decoder> make_cloudtrail_decoder(const sources::DecodeContext& context);

}  // namespace sightline::cloudtrail
