#include "sources/compression/output_gate.h"

#include <fmt/format.h>

#include <algorithm>

namespace sightline::sources {

Result<void> OutputGate::fail(ErrorCode code, std::string message) {
  if (!error_) error_ = Error{code, std::move(message)};
  return state();
}

Result<void> OutputGate::state() const {
  if (error_) return std::unexpected(*error_);
  return {};
}

Result<void> OutputGate::put(std::string_view bytes) {
  if (error_) return state();
  const std::uint64_t room = limits_.output_bytes - output_bytes_;
  const std::string_view allowed = bytes.substr(0, std::min<std::uint64_t>(room, bytes.size()));
  output_bytes_ += allowed.size();
  if (!allowed.empty()) sink_(allowed);
  if (allowed.size() < bytes.size()) {
    return fail(ErrorCode::too_large, fmt::format("the input holds more than the {} bytes allowed; it was read up to "
                                                  "byte {}",
                                                  limits_.output_bytes, input_bytes_));
  }
  if (output_bytes_ > limits_.ratio_grace_bytes && output_bytes_ / limits_.ratio > input_bytes_) {
    return fail(ErrorCode::too_large,
                fmt::format("{} bytes expand to over {} times as much, {} bytes: this looks like a compression bomb",
                            input_bytes_, limits_.ratio, output_bytes_));
  }
  return {};
}

}  // namespace sightline::sources
