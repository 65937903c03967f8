#include "agent/kernel_audit_fixture.h"

#include <csignal>
#include <fstream>

namespace sightline::testing {

void KernelAuditTest::SetUp() {
  SIGHTLINE_NEEDS_AUDIT_CONTROL();
  lock_.emplace();
  auto kernel = agent::NetlinkAuditKernel::open();
  ASSERT_TRUE(kernel) << kernel.error().message;
  kernel_ = std::move(*kernel);
  const auto status = kernel_->status();
  ASSERT_TRUE(status) << status.error().message;
  if (status->immutable()) GTEST_SKIP() << "NOT TESTED: the kernel's audit rules are immutable on this host";
  if (status->pid != 0) GTEST_SKIP() << "NOT TESTED: the kernel delivers its audit records to process " << status->pid;
  rules_before_ = kernel_->rules().value().size();
  start_server();
}

void KernelAuditTest::TearDown() {
  if (agent_runs()) end_agent(SIGTERM);
}

std::filesystem::path KernelAuditTest::make_program(const std::string& name) {
  const std::filesystem::path file = directory() / name;
  std::filesystem::copy_file("/bin/true", file);
  return file;
}

void KernelAuditTest::start(const std::string& rules, const std::string& mode) {
  const std::filesystem::path file = directory() / "audit.rules";
  std::ofstream(file) << rules;
  start_agent({"--audit", mode, "--audit-rules", file.string()});
  ASSERT_EQ(search_until("type = \"agent_started\"", 1).size(), 1U);
}

}  // namespace sightline::testing
