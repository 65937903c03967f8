// The running kernel's audit subsystem, which a test leaves as it found it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/audit_rules/kernel_rules.h"
#include "agent/audit_rules/netlink_audit_kernel.h"
#include "agent/audit_rules/rule_file.h"
#include "testing/audit_kernel.h"
#include "testing/temporary_directory.h"

namespace sightline::agent {

class RealKernelTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SIGHTLINE_NEEDS_AUDIT_CONTROL();
    lock_.emplace();
    auto kernel = NetlinkAuditKernel::open();
    ASSERT_TRUE(kernel) << kernel.error().message;
    kernel_ = std::move(*kernel);
    const auto status = kernel_->status();
    ASSERT_TRUE(status) << status.error().message;
    if (status->immutable()) GTEST_SKIP() << "NOT TESTED: the kernel's audit rules, which are immutable on this host";
    found_status_ = *status;
    found_ = listed();
  }

  void TearDown() override {
    if (!found_status_) return;
    const auto status = kernel_->status();
    ASSERT_TRUE(status);
    EXPECT_EQ(status->enabled, found_status_->enabled);
    EXPECT_EQ(status->failure, found_status_->failure);
    EXPECT_EQ(status->rate_limit, found_status_->rate_limit);
    EXPECT_EQ(status->backlog_limit, found_status_->backlog_limit);
    EXPECT_EQ(status->backlog_wait_time, found_status_->backlog_wait_time);
    EXPECT_TRUE(listed() == found_) << "the kernel's rules are not what they were";
    put_back();
  }

  std::vector<PackedRule> listed() {
    auto rules = kernel_->rules();
    EXPECT_TRUE(rules) << rules.error().message;
    return rules.value_or(std::vector<PackedRule>());
  }

  // Rules of these lines, all of which must be right.
  static std::vector<AuditRule> rules_of(std::string_view text) {
    RuleFiles files;
    read_rules(text, "test.rules", files);
    for (const RuleProblem& problem : files.problems) ADD_FAILURE() << to_string(problem);
    return std::move(files.rules);
  }

  KernelRules loader(std::string_view name = "state") {
    return {*kernel_, directory_.path() / name, *current_boot_id()};
  }

  AuditKernel& kernel() { return *kernel_; }
  const std::vector<PackedRule>& found() const { return found_; }
  const AuditStatus& found_status() const { return *found_status_; }
  const std::filesystem::path& directory() const { return directory_.path(); }

 private:
  // After a test that failed: what its loaders left.
  void put_back() {
    for (const std::string_view name : {"state", "first", "second"}) static_cast<void>(loader(name).restore());
  }

  testing::TemporaryDirectory directory_;
  std::optional<testing::AuditKernelLock> lock_;
  std::unique_ptr<NetlinkAuditKernel> kernel_;
  std::optional<AuditStatus> found_status_;
  std::vector<PackedRule> found_;
};

}  // namespace sightline::agent
