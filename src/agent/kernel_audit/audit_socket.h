// The kernel's audit socket: where records come from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "base/descriptor.h"
#include "base/error.h"

namespace sightline::agent {

// Not thread-safe.
class AuditSocket {
 public:
  enum class Mode : std::uint8_t {
    owner,     // the one program the kernel delivers to, with a queue that holds back who causes events when it is full
    listener,  // beside the owner, or without one; what the socket's queue does not hold is lost
  };

  // Errors: permission_denied (the capability is missing: CAP_AUDIT_CONTROL for an owner, CAP_AUDIT_READ for a
  // listener), conflict (another program is the owner), unavailable (no audit in this kernel or name space).
  static Result<AuditSocket> open(Mode mode, std::size_t queue_bytes);
  ~AuditSocket();
  AuditSocket(AuditSocket&&) noexcept = default;
  AuditSocket& operator=(AuditSocket&&) noexcept = default;

  int descriptor() const { return descriptor_.number(); }
  Mode mode() const { return mode_; }

  struct Received {
    std::size_t datagrams = 0;
    bool overrun = false;  // the kernel had more than the queue holds
  };
  // Takes what waits, at most kMaxAtOnce datagrams, and never waits. `truncated`: it was longer than kMaxDatagramBytes.
  // Errors: unavailable.
  using Visit = std::function<void(std::string_view datagram, bool truncated)>;
  Result<Received> receive(const Visit& visit);

  static constexpr std::size_t kMaxAtOnce = 64;
  static constexpr std::size_t kMaxDatagramBytes = 9216;  // the kernel's records have 8,970 at most

 private:
  AuditSocket(Descriptor descriptor, Mode mode);

  Descriptor descriptor_;
  Mode mode_;
  std::vector<char> buffers_;
};

}  // namespace sightline::agent
