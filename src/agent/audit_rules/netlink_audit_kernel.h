// The running kernel, through an audit netlink socket.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string_view>

#include "agent/audit_rules/audit_kernel.h"
#include "base/descriptor.h"

namespace sightline::agent {

class NetlinkAuditKernel final : public AuditKernel {
 public:
  // Each call below waits for answers for at most `timeout`. The kernel takes a request within the system call that
  // sends it; a kernel that hangs there cannot be bounded. Errors: as of the functions of AuditKernel.
  static Result<std::unique_ptr<NetlinkAuditKernel>> open(std::chrono::milliseconds timeout = std::chrono::seconds(5));

  Result<AuditStatus> status() override;
  Result<void> set(AuditSetting setting, std::uint32_t value) override;
  Result<std::vector<PackedRule>> rules() override;
  Result<AuditAddition> add(const PackedRule& rule) override;
  Result<bool> remove(const PackedRule& rule) override;

 private:
  struct Message {
    std::uint16_t type = 0;
    std::string_view payload;  // until the next message is read
  };
  using Deadline = std::chrono::steady_clock::time_point;

  NetlinkAuditKernel(Descriptor socket, std::chrono::milliseconds timeout);
  Result<void> send(std::uint16_t type, std::uint16_t flags, std::string_view payload);
  // The next message that answers the request sent last.
  Result<Message> receive(Deadline deadline);
  // A request that changes something: the number of the kernel's error, 0 for none.
  Result<int> change(std::uint16_t type, std::string_view payload);
  Deadline deadline() const { return std::chrono::steady_clock::now() + timeout_; }

  Descriptor socket_;
  std::chrono::milliseconds timeout_;
  std::uint32_t sequence_ = 0;
  std::string buffer_;
};

}  // namespace sightline::agent
