#include "sources/compression/zstd_stream.h"

#include <fmt/format.h>
#include <zstd.h>

#include <new>
#include <tuple>
#include <vector>

#include "sources/compression/output_gate.h"

namespace sightline::sources {
namespace {

constexpr int kMaxWindowLog = 23;  // 8 MiB

class ZstdStream final : public Decompressor {
 public:
  ZstdStream(Sink sink, const DecompressionLimits& limits)
      : gate_(std::move(sink), limits), buffer_(kOutputBufferBytes), stream_(ZSTD_createDStream()) {
    if (stream_ == nullptr) throw std::bad_alloc();
    ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, kMaxWindowLog);
  }
  ~ZstdStream() override { ZSTD_freeDStream(stream_); }
  ZstdStream(const ZstdStream&) = delete;
  ZstdStream& operator=(const ZstdStream&) = delete;

  Result<void> write(std::string_view chunk) override {
    ZSTD_inBuffer input{chunk.data(), chunk.size(), 0};
    while (gate_.state().has_value() && (input.pos < input.size || output_pending_)) decompress_some(input);
    return gate_.state();
  }

  Result<void> finish() override {
    if (!at_frame_end_ && gate_.state().has_value()) {
      return gate_.fail(ErrorCode::invalid_input,
                        fmt::format("the zstd stream is cut short: it ends at byte {}", gate_.input_bytes()));
    }
    return gate_.state();
  }

 private:
  void decompress_some(ZSTD_inBuffer& input) {
    ZSTD_outBuffer output{buffer_.data(), buffer_.size(), 0};
    const std::size_t before = input.pos;
    const std::size_t left = ZSTD_decompressStream(stream_, &output, &input);
    gate_.count_input(input.pos - before);
    std::ignore = gate_.put({buffer_.data(), output.pos});
    if (ZSTD_isError(left) != 0) {
      std::ignore = gate_.fail(ErrorCode::invalid_input, fmt::format("damaged zstd data at byte {}: {}",
                                                                     gate_.input_bytes(), ZSTD_getErrorName(left)));
      return;
    }
    at_frame_end_ = left == 0;
    output_pending_ = output.pos == output.size && left != 0;
  }

  OutputGate gate_;
  std::vector<char> buffer_;
  ZSTD_DStream* stream_;
  bool at_frame_end_ = false;
  bool output_pending_ = false;  // the buffer was filled: there may be more without more input
};

}  // namespace

std::unique_ptr<Decompressor> make_zstd_stream(Decompressor::Sink sink, const DecompressionLimits& limits) {
  return std::make_unique<ZstdStream>(std::move(sink), limits);
}

}  // namespace sightline::sources
