// What decompressed bytes pass through: the bounds of a stream and the error it ended with.
#pragma once

#include <optional>

#include "sources/compression/decompressor.h"

namespace sightline::sources {

inline constexpr std::size_t kOutputBufferBytes = std::size_t{128} * 1024;

// Not thread-safe.
class OutputGate {
 public:
  OutputGate(Decompressor::Sink sink, const DecompressionLimits& limits) : sink_(std::move(sink)), limits_(limits) {}

  void count_input(std::size_t size_bytes) { input_bytes_ += size_bytes; }
  std::uint64_t input_bytes() const { return input_bytes_; }

  // Hands bytes to the sink as far as the bounds allow. Error: too_large.
  Result<void> put(std::string_view bytes);

  // Remembers the first error; every later call of state() returns it.
  Result<void> fail(ErrorCode code, std::string message);
  Result<void> state() const;

 private:
  Decompressor::Sink sink_;
  DecompressionLimits limits_;
  std::uint64_t input_bytes_ = 0;
  std::uint64_t output_bytes_ = 0;
  std::optional<Error> error_;
};

}  // namespace sightline::sources
