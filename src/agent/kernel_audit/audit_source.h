// The kernel's audit records as a source.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "agent/collect/source.h"
#include "agent/kernel_audit/audit_records.h"
#include "agent/kernel_audit/audit_socket.h"
#include "base/clock.h"

namespace sightline::agent {

// Counts what is missing: the kernel's own count of lost records, serial numbers that never came, overruns of the
// socket.
class AuditSource final : public Source {
 public:
  struct Options {
    std::string boot_id;
    std::string cursor;  // where an earlier run stopped; empty: there was none
    // How many records the kernel lost since it started. Asked every kStatusMs.
    std::function<Result<std::uint32_t>()> lost_records;
  };
  static constexpr std::int64_t kStatusMs = 5000;

  // `clock` outlives it.
  AuditSource(AuditSocket socket, Options options, const Clock& clock);

  std::string_view name() const override { return "audit"; }
  std::string_view format() const override { return "auditd"; }
  int descriptor() const override { return socket_ ? socket_->descriptor() : -1; }
  bool can_wait() const override { return false; }
  Result<Progress> collect(Collected& out) override;
  bool holds_back() const override { return records_.holds_back(); }
  void idle(std::int64_t idle_ms, Collected& out) override;
  void finish(Collected& out) override;
  // An AuditCursor.
  std::string cursor() const override;

 private:
  void lose_missing(const SerialGaps::Missing& missing, Collected& out);
  void account(Collected& out);
  void lose(Collected& out, LossReason reason, std::uint64_t count, std::int64_t from_ms);

  std::optional<AuditSocket> socket_;  // until finish()
  Options options_;
  const Clock& clock_;
  AuditRecords records_;
  std::optional<std::uint32_t> lost_;  // the kernel's count when it was last asked
  std::int64_t resumed_from_ms_ = 0;   // when an earlier run of this boot last handed something on; 0: there was none
  std::int64_t handed_on_ms_ = 0;
  std::int64_t asked_ms_ = 0;  // on a clock that is never set
  std::int64_t accounted_ms_ = 0;
};

}  // namespace sightline::agent
