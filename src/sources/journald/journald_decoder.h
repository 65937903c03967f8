// Decoder of what journalctl prints: `-o json` (also json-seq) and `-o export`.
#pragma once

#include <memory>

#include "sources/decoder.h"

namespace sightline::journald {

// The first byte of the stream decides between the two. An event's original is its line, or its fields with their line
// ends and without the empty line behind them. docs/sources/journald.md describes what becomes of each entry.
std::unique_ptr<sources::Decoder> make_journald_decoder(const sources::DecodeContext& context);

}  // namespace sightline::journald
