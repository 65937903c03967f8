#include "server/ingest_decoder.h"

namespace sightline::server {

namespace {

// Bodies are decoded in pieces of this size, so that decompressed bytes never lie in memory whole.
constexpr std::size_t kPieceBytes = 256 * 1024;

class FormatsDecoder final : public IngestDecoder {
 public:
  explicit FormatsDecoder(std::uint64_t decompressed_bytes) { limits_.output_bytes = decompressed_bytes; }

  Result<sources::Decoded> decode(const IngestRequest& request) const override {
    sources::Decoded decoded;
    const std::unique_ptr<sources::Decoder> decoder = sources::make_decoder(request.format, request.context);
    const auto decompressor = sources::make_decompressor(
        request.encoding, [&](std::string_view piece) { decoder->write(piece, decoded); }, limits_);
    for (std::string_view body = request.body; !body.empty();) {
      const std::string_view piece = body.substr(0, kPieceBytes);
      if (const auto written = decompressor->write(piece); !written) return std::unexpected(written.error());
      body.remove_prefix(piece.size());
    }
    if (const auto finished = decompressor->finish(); !finished) return std::unexpected(finished.error());
    decoder->finish(decoded);
    return decoded;
  }

 private:
  sources::DecompressionLimits limits_;
};

}  // namespace

std::unique_ptr<IngestDecoder> make_ingest_decoder(std::uint64_t decompressed_bytes) {
  return std::make_unique<FormatsDecoder>(decompressed_bytes);
}

}  // namespace sightline::server
