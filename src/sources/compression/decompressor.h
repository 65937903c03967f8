// Compressed input, in any chunks, with bounds that a compression bomb runs into.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "base/error.h"

namespace sightline::sources {

enum class Encoding : std::uint8_t { identity, gzip, zstd };

// By the first bytes: 1f 8b is gzip, 28 b5 2f fd or a skippable frame is zstd, anything else identity. Four bytes are
// enough; fewer are identity unless they already decide.
Encoding detect_encoding(std::string_view first_bytes);

// The tokens of Content-Encoding: "identity" and "" , "gzip" and "x-gzip", "zstd". Errors: invalid_input.
Result<Encoding> parse_encoding(std::string_view token);
std::string_view to_string(Encoding encoding);

struct DecompressionLimits {
  std::uint64_t output_bytes = 1ULL << 30;  // in total; identity too
  // Output may be at most this many times the input consumed so far; not looked at below ratio_grace_bytes of output.
  std::uint64_t ratio = 200;
  std::uint64_t ratio_grace_bytes = 16ULL << 20;
};

// One stream. Concatenated gzip members and zstd frames are read as one. Memory: one output buffer of 128 KiB and the
// library's window (zstd windows over 8 MiB are refused). Not thread-safe.
class Decompressor {
 public:
  // Output arrives in pieces of at most 128 KiB (identity: as it came in). A view is valid during the call.
  using Sink = std::function<void(std::string_view)>;

  virtual ~Decompressor() = default;

  // Hands everything that could be decompressed to the sink, also where it then fails. Errors: invalid_input (not of
  // this encoding or damaged; the message names the byte of the compressed input), too_large (a bound was hit). After
  // an error every call returns the same error.
  virtual Result<void> write(std::string_view chunk) = 0;

  // The input ends here. Error: invalid_input where the stream is cut short; its output was delivered before.
  virtual Result<void> finish() = 0;
};

std::unique_ptr<Decompressor> make_decompressor(Encoding encoding, Decompressor::Sink sink,
                                                const DecompressionLimits& limits = {});

}  // namespace sightline::sources
