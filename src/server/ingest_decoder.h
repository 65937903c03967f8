// A request body, and the events in it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "event/event.h"
#include "sources/compression/decompressor.h"
#include "sources/decoder.h"
#include "sources/formats/formats.h"
#include "sources/masking/secret_masker.h"

namespace sightline::server {

struct IngestRequest {
  BatchKey key;  // Idempotency-Key: source/epoch/sequence, and the principal of the token
  sources::Format format = sources::Format::ndjson;
  sources::Encoding encoding = sources::Encoding::identity;  // Content-Encoding
  sources::DecodeContext context;
  std::string body;  // as received
};

// What one request may hold.
struct DecodeLimits {
  std::uint64_t unpacked_bytes = 256ULL << 20;  // of the body, after decompression
  std::uint64_t events = 1'000'000;
  std::uint64_t memory_bytes = 512ULL << 20;  // of its decoded events (decoded_size.h)
};

// Asked while a body is decoded, with the memory that its events take so far. False: there is no room for them now.
using AskRoom = std::function<bool(std::size_t size_bytes)>;

// Decodes a body whole. Pure: the same request gives the same events. Thread-safe.
class IngestDecoder {
 public:
  virtual ~IngestDecoder() = default;
  // Lines that do not decode are in Decoded::rejected. Errors: invalid_input (broken compression), too_large (over a
  // limit; the message says where and how to go on), busy (there was no room).
  virtual Result<sources::Decoded> decode(const IngestRequest& request, const AskRoom& room) const = 0;
  // Time spent looking for secrets, of all requests together.
  virtual std::uint64_t masking_us() const { return 0; }
};

// The decoders of sources/formats/, behind decompression; secrets are masked by `masker`, null: not at all.
std::unique_ptr<IngestDecoder> make_ingest_decoder(const DecodeLimits& limits = {},
                                                   std::shared_ptr<const sources::SecretMasker> masker = nullptr);

}  // namespace sightline::server
