// For tests that change the audit subsystem of the running kernel, of which there is one.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>

#include <cstdint>
#include <fstream>
#include <stdexcept>
#include <string>

#include "base/descriptor.h"

namespace sightline::testing {

// While it lives, no other test that uses one changes rules or settings. Waits for its turn.
class AuditKernelLock {
 public:
  AuditKernelLock() : file_(::open("/run/lock/sightline-audit-test.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    if (!file_.open() || ::flock(file_.number(), LOCK_EX) != 0)
      throw std::runtime_error("cannot lock audit for a test");
  }

 private:
  Descriptor file_;
};

// CAP_AUDIT_CONTROL, as /proc says.
inline bool may_control_audit() {
  constexpr unsigned kAuditControl = 30;
  constexpr std::string_view kLabel = "CapEff:\t";
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(kLabel))
      return (std::stoull(line.substr(kLabel.size()), nullptr, 16) >> kAuditControl & 1U) != 0;
  }
  return false;
}

}  // namespace sightline::testing

// Skips the test, saying so, where it may not change the kernel's audit rules.
#define SIGHTLINE_NEEDS_AUDIT_CONTROL()           \
  if (!::sightline::testing::may_control_audit()) \
  GTEST_SKIP() << "NOT TESTED: the kernel's audit rules, which only a process with CAP_AUDIT_CONTROL may change"
