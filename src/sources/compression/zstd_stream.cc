#include "sources/compression/zstd_stream.h"

#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <new>
#include <string>
#include <tuple>
#include <vector>

#include "sources/compression/output_gate.h"

namespace sightline::sources {
namespace {

constexpr int kMaxWindowLog = 23;  // 8 MiB
constexpr std::size_t kMaxHeaderBytes = 18;

// Whether a frame may have this byte as its first, second, … fourth: those of RFC 8878 and skippable ones. libzstd may
// know formats from before it, which it takes for whole or damaged as they happen to be cut.
constexpr std::size_t kMagicBytes = 4;
bool is_magic(std::size_t place, unsigned char byte, unsigned char first) {
  constexpr std::array<unsigned char, kMagicBytes> kFrame{0x28, 0xb5, 0x2f, 0xfd};
  constexpr std::array<unsigned char, kMagicBytes> kSkippable{0x50, 0x2a, 0x4d, 0x18};  // the first to 0x5f
  const bool skippable = (first & 0xf0U) == kSkippable[0];
  if (place == 0) return skippable || byte == kFrame[0];
  return byte == (skippable ? kSkippable : kFrame)[place];
}

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
    while (gate_.state().has_value() && (input.pos < input.size || output_pending_)) {
      if (Result<void> begins = check_magic(chunk.substr(input.pos)); !begins) return begins;
      decompress_some(input);
    }
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
  // `next` comes after the bytes of the frame that were taken so far.
  Result<void> check_magic(std::string_view next) {
    for (std::size_t i = 0; header_.size() + i < kMagicBytes && i < next.size(); ++i) {
      const std::size_t place = header_.size() + i;
      const auto first = static_cast<unsigned char>(header_.empty() ? next[0] : header_[0]);
      if (is_magic(place, static_cast<unsigned char>(next[i]), first)) continue;
      return gate_.fail(ErrorCode::invalid_input, fmt::format("damaged zstd data at byte {}: no zstd frame begins here",
                                                              gate_.input_bytes() + i));
    }
    return {};
  }

  void decompress_some(ZSTD_inBuffer& input) {
    ZSTD_outBuffer output{buffer_.data(), buffer_.size(), 0};
    const std::size_t before = input.pos;
    const std::size_t left = ZSTD_decompressStream(stream_, &output, &input);
    gate_.count_input(input.pos - before);
    header_.append(static_cast<const char*>(input.src) + before,
                   std::min(input.pos - before, kMaxHeaderBytes - header_.size()));
    frame_output_ += output.pos;
    std::ignore = gate_.put({buffer_.data(), output.pos});
    if (ZSTD_isError(left) != 0) {
      std::ignore = gate_.fail(ErrorCode::invalid_input, fmt::format("damaged zstd data at byte {}: {}",
                                                                     gate_.input_bytes(), ZSTD_getErrorName(left)));
      return;
    }
    at_frame_end_ = left == 0;
    if (at_frame_end_) end_frame();
    output_pending_ = output.pos == output.size && left != 0;
  }

  // libzstd does not look at the size of a frame whose last block is empty, if it comes in pieces.
  void end_frame() {
    const std::uint64_t said = ZSTD_getFrameContentSize(header_.data(), header_.size());
    if (said < ZSTD_CONTENTSIZE_ERROR && said != frame_output_) {
      std::ignore = gate_.fail(ErrorCode::invalid_input,
                               fmt::format("damaged zstd data at byte {}: a frame of {} bytes says that it has {}",
                                           gate_.input_bytes(), frame_output_, said));
    }
    header_.clear();
    frame_output_ = 0;
  }

  OutputGate gate_;
  std::vector<char> buffer_;
  ZSTD_DStream* stream_;
  std::string header_;  // the first bytes of the frame, as far as they were taken
  std::uint64_t frame_output_ = 0;
  bool at_frame_end_ = false;
  bool output_pending_ = false;  // the buffer was filled: there may be more without more input
};

}  // namespace

std::unique_ptr<Decompressor> make_zstd_stream(Decompressor::Sink sink, const DecompressionLimits& limits) {
  return std::make_unique<ZstdStream>(std::move(sink), limits);
}

}  // namespace sightline::sources
