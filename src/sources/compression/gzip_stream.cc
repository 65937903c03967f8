#include "sources/compression/gzip_stream.h"

#include <fmt/format.h>
#include <zlib.h>

#include <limits>
#include <new>
#include <tuple>
#include <vector>

#include "sources/compression/output_gate.h"

namespace sightline::sources {
namespace {

constexpr int kGzipOnlyWindowBits = 15 + 16;

class GzipStream final : public Decompressor {
 public:
  GzipStream(Sink sink, const DecompressionLimits& limits)
      : gate_(std::move(sink), limits), buffer_(kOutputBufferBytes) {
    if (inflateInit2(&stream_, kGzipOnlyWindowBits) != Z_OK) throw std::bad_alloc();
  }
  ~GzipStream() override { inflateEnd(&stream_); }
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;

  Result<void> write(std::string_view chunk) override {
    constexpr std::size_t kMaxInput = std::numeric_limits<uInt>::max();
    while (gate_.state().has_value() && !chunk.empty()) {
      const std::string_view part = chunk.substr(0, kMaxInput);
      chunk.remove_prefix(part.size());
      inflate_part(part);
    }
    return gate_.state();
  }

  Result<void> finish() override {
    if (place_ == Place::member && gate_.state().has_value()) {
      return gate_.fail(ErrorCode::invalid_input,
                        fmt::format("the gzip stream is cut short: it ends at byte {}", gate_.input_bytes()));
    }
    return gate_.state();
  }

 private:
  enum class Place : std::uint8_t { member, behind_member, padding };

  void inflate_part(std::string_view part) {
    while (gate_.state().has_value() && (!part.empty() || output_pending_)) {
      if (place_ != Place::member && !enter_member(part)) continue;
      part.remove_prefix(inflate_some(part));
    }
  }

  // Behind a member comes the next one, or zeros up to the end. False where there is nothing to inflate.
  bool enter_member(std::string_view& part) {
    if (part.front() == '\x1f' && place_ == Place::behind_member) {
      inflateReset(&stream_);
      place_ = Place::member;
      return true;
    }
    if (part.front() != '\0') {
      std::ignore = gate_.fail(ErrorCode::invalid_input,
                               fmt::format("expected another gzip member or the end at byte {}", gate_.input_bytes()));
      return false;
    }
    place_ = Place::padding;
    gate_.count_input(1);
    part.remove_prefix(1);
    return false;
  }

  // One round: fills the buffer once at most. Returns how much of `part` was used.
  std::size_t inflate_some(std::string_view part) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(part.data()));  // zlib does not write to it
    stream_.avail_in = static_cast<uInt>(part.size());
    stream_.next_out = reinterpret_cast<Bytef*>(buffer_.data());
    stream_.avail_out = static_cast<uInt>(buffer_.size());
    const int code = inflate(&stream_, Z_NO_FLUSH);
    const std::size_t used = part.size() - stream_.avail_in;
    const std::size_t produced = buffer_.size() - stream_.avail_out;
    output_pending_ = stream_.avail_out == 0 && code == Z_OK;
    gate_.count_input(used);
    std::ignore = gate_.put({buffer_.data(), produced});
    if (code == Z_STREAM_END) {
      place_ = Place::behind_member;
    } else if (code == Z_MEM_ERROR) {
      throw std::bad_alloc();
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      std::ignore = gate_.fail(ErrorCode::invalid_input,
                               fmt::format("damaged gzip data at byte {}: {}", gate_.input_bytes(),
                                           stream_.msg != nullptr ? stream_.msg : "a dictionary is asked for"));
    }
    return used;
  }

  OutputGate gate_;
  std::vector<char> buffer_;
  z_stream stream_{};
  Place place_ = Place::member;
  bool output_pending_ = false;  // the buffer was filled: there may be more without more input
};

}  // namespace

std::unique_ptr<Decompressor> make_gzip_stream(Decompressor::Sink sink, const DecompressionLimits& limits) {
  return std::make_unique<GzipStream>(std::move(sink), limits);
}

}  // namespace sightline::sources
