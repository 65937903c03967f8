#include "server/ingest_decoder.h"

#include <fmt/format.h>

#include <algorithm>

#include "server/decoded_size.h"

namespace sightline::server {

namespace {

// Bodies are decoded in pieces of at most this size, so that decompressed bytes never lie in memory whole and the
// limits are looked at in time.
constexpr std::size_t kPieceBytes = 64 * 1024;

// One body on its way through its decoder, until a limit ends it.
class BodyDecoding {
 public:
  BodyDecoding(const IngestRequest& request, const DecodeLimits& limits, const AskRoom& room)
      : decoder_(sources::make_decoder(request.format, request.context)), limits_(limits), room_(room) {}

  void write(std::string_view bytes) {
    while (!bytes.empty() && !error_) {
      const std::string_view piece = bytes.substr(0, kPieceBytes);
      bytes.remove_prefix(piece.size());
      unpacked_bytes_ += piece.size();
      decoder_->write(piece, decoded_);
      check();
    }
  }
  Result<sources::Decoded> finish() {
    if (!error_) decoder_->finish(decoded_);
    if (!error_) check();
    if (error_) return std::unexpected(std::move(*error_));
    return std::move(decoded_);
  }
  bool ended() const { return error_.has_value(); }

 private:
  void check() {
    const std::size_t memory_bytes = size_.update(decoded_);
    if (decoded_.events.size() > limits_.events) {
      refuse(fmt::format("more than {} events", limits_.events));
    } else if (memory_bytes > limits_.memory_bytes) {
      refuse(fmt::format("events that take more than {} MiB of memory", limits_.memory_bytes >> 20U));
    } else if (!room_(memory_bytes)) {
      error_ = Error{ErrorCode::busy, "too much is waiting to be stored: retry in a moment"};
    }
  }
  void refuse(const std::string& what) {
    error_ = Error{ErrorCode::too_large,
                   fmt::format("the first {} bytes of the unpacked body hold {}: nothing was stored; send it in parts "
                               "of up to {} bytes",
                               unpacked_bytes_, what, std::max<std::uint64_t>(unpacked_bytes_ / 2, 1))};
  }

  const std::unique_ptr<sources::Decoder> decoder_;
  const DecodeLimits& limits_;
  const AskRoom& room_;
  sources::Decoded decoded_;
  DecodedSize size_;
  std::uint64_t unpacked_bytes_ = 0;
  std::optional<Error> error_;
};

class FormatsDecoder final : public IngestDecoder {
 public:
  explicit FormatsDecoder(const DecodeLimits& limits) : limits_(limits) {
    decompression_.output_bytes = limits.unpacked_bytes;
  }

  Result<sources::Decoded> decode(const IngestRequest& request, const AskRoom& room) const override {
    BodyDecoding decoding(request, limits_, room);
    const auto decompressor = sources::make_decompressor(
        request.encoding, [&](std::string_view piece) { decoding.write(piece); }, decompression_);
    for (std::string_view body = request.body; !body.empty() && !decoding.ended();) {
      const std::string_view piece = body.substr(0, kPieceBytes);
      if (const auto written = decompressor->write(piece); !written && !decoding.ended()) {
        return std::unexpected(written.error());
      }
      body.remove_prefix(piece.size());
    }
    if (decoding.ended()) return decoding.finish();
    if (const auto finished = decompressor->finish(); !finished) return std::unexpected(finished.error());
    return decoding.finish();
  }

 private:
  const DecodeLimits limits_;
  sources::DecompressionLimits decompression_;
};

}  // namespace

std::unique_ptr<IngestDecoder> make_ingest_decoder(const DecodeLimits& limits) {
  return std::make_unique<FormatsDecoder>(limits);
}

}  // namespace sightline::server
