// A request body, and the events in it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/error.h"
#include "event/event.h"
#include "sources/compression/decompressor.h"
#include "sources/decoder.h"
#include "sources/formats/formats.h"

namespace sightline::server {

struct IngestRequest {
  BatchKey key;  // Idempotency-Key: source/epoch/sequence, and the principal of the token
  sources::Format format = sources::Format::ndjson;
  sources::Encoding encoding = sources::Encoding::identity;  // Content-Encoding
  sources::DecodeContext context;
  std::string body;  // as received
};

// Decodes a body whole. Pure: the same request gives the same events. Thread-safe.
class IngestDecoder {
 public:
  virtual ~IngestDecoder() = default;
  // Lines that do not decode are in Decoded::rejected. Errors: invalid_input (broken
  // compression), too_large (more than the limit after decompression).
  virtual Result<sources::Decoded> decode(const IngestRequest& request) const = 0;
};

// The decoders of sources/formats/, behind decompression. `decompressed_bytes` bounds what a request may unfold to.
std::unique_ptr<IngestDecoder> make_ingest_decoder(std::uint64_t decompressed_bytes = 256ULL << 20);

}  // namespace sightline::server
