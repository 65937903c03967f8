// The kernel's part of recording: the socket, and rules that stay in force.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/audit_rules/kernel_rules.h"
#include "agent/audit_rules/netlink_audit_kernel.h"
#include "agent/collect/source.h"
#include "agent/commands/options.h"
#include "agent/loss/ledger.h"
#include "base/clock.h"
#include "base/log.h"

namespace sightline::agent {

// Used by one thread, but for the source, which another may use.
class KernelRecording {
 public:
  // All outlive it. `boot_id` as the kernel says it.
  KernelRecording(const AgentOptions& options, std::string boot_id, LossLedger& ledger, const Clock& clock, Log& log)
      : options_(options), boot_id_(std::move(boot_id)), ledger_(ledger), clock_(clock), log_(log) {}

  // Opens the socket, then loads the rules, so that nothing they record is missed. The source, from where `cursor`
  // stands. Errors: of rule files (invalid_input), of the kernel (permission_denied, conflict, unavailable).
  Result<std::unique_ptr<Source>> start(std::string cursor);
  // Reads the rule files again. Errors: as start(); look_after() tries again.
  Result<void> reload();
  // Puts back what somebody took out, and counts it as a loss from when it was last seen. Errors: conflict, where the
  // kernel delivers to somebody else now; then nothing is recorded any more.
  Result<void> look_after();
  // Takes our rules out again.
  void stop();

  const std::string& mode() const { return mode_; }  // "owner", "listener"

 private:
  Result<RuleFiles> read_rules() const;
  Result<void> load(const RuleFiles& files);
  void put_back_missing();
  void log_refused(const RuleLoad& load);
  void lose_from_last_look(std::string detail);

  const AgentOptions& options_;
  std::string boot_id_;
  LossLedger& ledger_;
  const Clock& clock_;
  Log& log_;
  std::string mode_;
  std::unique_ptr<NetlinkAuditKernel> kernel_;
  std::unique_ptr<KernelRules> rules_;
  std::int64_t looked_ms_ = 0;
  bool load_failed_ = false;  // so it is to be tried again
};

}  // namespace sightline::agent
