#include "sources/compression/decompressor.h"

#include <fmt/format.h>

#include "sources/compression/gzip_stream.h"
#include "sources/compression/output_gate.h"
#include "sources/compression/zstd_stream.h"

namespace sightline::sources {
namespace {

class IdentityStream final : public Decompressor {
 public:
  IdentityStream(Sink sink, const DecompressionLimits& limits) : gate_(std::move(sink), limits) {}

  Result<void> write(std::string_view chunk) override {
    gate_.count_input(chunk.size());
    return gate_.put(chunk);
  }
  Result<void> finish() override { return gate_.state(); }

 private:
  OutputGate gate_;
};

}  // namespace

Encoding detect_encoding(std::string_view first_bytes) {
  constexpr std::string_view kGzip = "\x1f\x8b";
  constexpr std::string_view kZstd = "\x28\xb5\x2f\xfd";
  constexpr std::string_view kZstdSkippable = "\x2a\x4d\x18";  // behind 50 to 5f
  if (first_bytes.starts_with(kGzip)) return Encoding::gzip;
  if (first_bytes.starts_with(kZstd)) return Encoding::zstd;
  const bool skippable =
      first_bytes.size() >= 4 && (first_bytes[0] & 0xf0) == 0x50 && first_bytes.substr(1).starts_with(kZstdSkippable);
  return skippable ? Encoding::zstd : Encoding::identity;
}

Result<Encoding> parse_encoding(std::string_view token) {
  if (token.empty() || token == "identity") return Encoding::identity;
  if (token == "gzip" || token == "x-gzip") return Encoding::gzip;
  if (token == "zstd") return Encoding::zstd;
  return fail(ErrorCode::invalid_input,
              fmt::format("unknown content encoding '{}'; expected gzip, zstd or identity", token.substr(0, 40)));
}

std::string_view to_string(Encoding encoding) {
  switch (encoding) {
    case Encoding::identity:
      return "identity";
    case Encoding::gzip:
      return "gzip";
    case Encoding::zstd:
      return "zstd";
  }
  return "?";
}

std::unique_ptr<Decompressor> make_decompressor(Encoding encoding, Decompressor::Sink sink,
                                                const DecompressionLimits& limits) {
  switch (encoding) {
    case Encoding::gzip:
      return make_gzip_stream(std::move(sink), limits);
    case Encoding::zstd:
      return make_zstd_stream(std::move(sink), limits);
    case Encoding::identity:
      break;
  }
  return std::make_unique<IdentityStream>(std::move(sink), limits);
}

}  // namespace sightline::sources
