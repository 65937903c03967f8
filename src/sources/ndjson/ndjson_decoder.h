// Our own NDJSON: one event a line.
#pragma once

#include <memory>

#include "sources/decoder.h"

namespace sightline::ndjson {

// Reads one JSON object a line, with the names of the schema or any others. An event's original is its line without
// the line break. docs/sources/ndjson.md says how names become fields.
std::unique_ptr<sources::Decoder> make_ndjson_decoder(const sources::DecodeContext& context);

}  // namespace sightline::ndjson
