#include "server/ingest_decoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>

#include "server/decoded_size.h"

namespace sightline::server {

namespace {

// Bodies are decoded in pieces of at most this size, so that decompressed bytes never lie in memory whole and the
// limits are looked at in time.
constexpr std::size_t kPieceBytes = 64 * 1024;

// One body on its way through its decoder, until a limit ends it.
class BodyDecoding {
 public:
  BodyDecoding(const IngestRequest& request, const DecodeLimits& limits, const sources::SecretMasker* masker,
               const AskRoom& room, std::atomic<std::uint64_t>& masking_us)
      : request_(request),
        decoder_(sources::make_decoder(request.format, request.context)),
        limits_(limits),
        masker_(masker),
        room_(room),
        masking_us_(masking_us) {}

  void write(std::string_view bytes) {
    while (!bytes.empty() && !error_) {
      const std::string_view piece = bytes.substr(0, kPieceBytes);
      bytes.remove_prefix(piece.size());
      unpacked_bytes_ += piece.size();
      decoder_->write(piece, decoded_);
      mask_new();
      check();
    }
  }
  Result<sources::Decoded> finish() {
    if (!error_) {
      decoder_->finish(decoded_);
      mask_new();
      check();
    }
    if (error_) return std::unexpected(std::move(*error_));
    return std::move(decoded_);
  }
  bool ended() const { return error_.has_value(); }

 private:
  // What the decoder has handed out since the last call.
  void mask_new() {
    if (masker_ == nullptr) return;
    const auto begin = std::chrono::steady_clock::now();
    const auto redecode = [&](std::string_view original, sources::Decoded& out) {
      const auto decoder = sources::make_decoder(request_.format, request_.context);
      decoder->write(original, out);
      decoder->finish(out);
    };
    std::vector<Event>& events = decoded_.events.events();
    for (; masked_events_ < events.size(); ++masked_events_) {
      masker_->mask(decoded_.events, events[masked_events_], redecode, clean_);
    }
    for (; masked_rejected_ < decoded_.rejected.size(); ++masked_rejected_) {
      masker_->mask(decoded_.rejected[masked_rejected_]);
    }
    const auto elapsed = std::chrono::steady_clock::now() - begin;
    masking_us_ += static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count());
  }
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

  const IngestRequest& request_;
  const std::unique_ptr<sources::Decoder> decoder_;
  const DecodeLimits& limits_;
  const sources::SecretMasker* const masker_;
  const AskRoom& room_;
  std::atomic<std::uint64_t>& masking_us_;
  sources::Decoded decoded_;
  DecodedSize size_;
  sources::CleanTexts clean_;
  std::size_t masked_events_ = 0;
  std::size_t masked_rejected_ = 0;
  std::uint64_t unpacked_bytes_ = 0;
  std::optional<Error> error_;
};

class FormatsDecoder final : public IngestDecoder {
 public:
  FormatsDecoder(const DecodeLimits& limits, std::shared_ptr<const sources::SecretMasker> masker)
      : limits_(limits), masker_(std::move(masker)) {
    decompression_.output_bytes = limits.unpacked_bytes;
  }

  Result<sources::Decoded> decode(const IngestRequest& request, const AskRoom& room) const override {
    BodyDecoding decoding(request, limits_, masker_.get(), room, masking_us_);
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
  std::uint64_t masking_us() const override { return masking_us_; }

 private:
  mutable std::atomic<std::uint64_t> masking_us_{0};
  const DecodeLimits limits_;
  const std::shared_ptr<const sources::SecretMasker> masker_;
  sources::DecompressionLimits decompression_;
};

}  // namespace

std::unique_ptr<IngestDecoder> make_ingest_decoder(const DecodeLimits& limits,
                                                   std::shared_ptr<const sources::SecretMasker> masker) {
  return std::make_unique<FormatsDecoder>(limits, std::move(masker));
}

}  // namespace sightline::server
