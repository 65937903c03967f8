// Tests that use this host's audit subsystem.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "agent/agent_fixture.h"
#include "agent/audit_rules/netlink_audit_kernel.h"
#include "testing/audit_kernel.h"

namespace sightline::testing {

class KernelAuditTest : public AgentTest {
 protected:
  void SetUp() override;
  void TearDown() override;

  // A copy of `true` under a name that nothing else on this host has.
  std::filesystem::path make_program(const std::string& name);
  // An agent with these rules, once it records.
  void start(const std::string& rules, const std::string& mode);

  agent::NetlinkAuditKernel& kernel() { return *kernel_; }
  std::size_t rules_before() const { return rules_before_; }

 private:
  std::optional<AuditKernelLock> lock_;
  std::unique_ptr<agent::NetlinkAuditKernel> kernel_;
  std::size_t rules_before_ = 0;
};

}  // namespace sightline::testing
