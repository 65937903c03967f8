// Decompression: what comes out does not depend on how the bytes were cut, and bounds hold. Of damaged input more or
// less may come out before the damage is found: libzstd looks at a small frame at once if it is there as a whole.
#include <cstdlib>
#include <string>

#include "sources/compression/decompressor.h"

namespace {

using sightline::sources::Encoding;

constexpr sightline::sources::DecompressionLimits kLimits{
    .output_bytes = 1 << 20, .ratio = 200, .ratio_grace_bytes = UINT64_MAX};

struct Outcome {
  std::string bytes;
  std::string error;
};

Outcome decompress(Encoding encoding, std::string_view input, std::size_t chunk_size) {
  Outcome outcome;
  const auto stream = make_decompressor(encoding, [&](std::string_view piece) { outcome.bytes += piece; }, kLimits);
  bool good = true;
  while (!input.empty() && good) {
    const std::string_view chunk = input.substr(0, chunk_size);
    input.remove_prefix(chunk.size());
    good = stream->write(chunk).has_value();
  }
  if (const auto end = stream->finish(); !end)
    outcome.error = end.error().code == sightline::ErrorCode::too_large ? "large" : "bad";
  if (outcome.bytes.size() > kLimits.output_bytes) std::abort();
  return outcome;
}

bool agree(const Outcome& left, const Outcome& right) {
  if (left.error != right.error) return false;
  if (left.error != "bad") return left.bytes == right.bytes;
  return left.bytes.starts_with(right.bytes) || right.bytes.starts_with(left.bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t chunk_size = 1 + data[0] / 2;
  for (const Encoding encoding : {Encoding::gzip, Encoding::zstd, sightline::sources::detect_encoding(input)}) {
    if (!agree(decompress(encoding, input, SIZE_MAX), decompress(encoding, input, chunk_size))) std::abort();
  }
  return 0;
}
