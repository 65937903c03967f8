// A kernel of a test's own.
#pragma once

#include <algorithm>
#include <cerrno>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "agent/audit_rules/audit_kernel.h"

namespace sightline::agent {

class FakeAuditKernel final : public AuditKernel {
 public:
  AuditStatus now{.failure = 1, .backlog_limit = 64, .backlog_wait_time = 15000};
  std::vector<PackedRule> held;
  std::map<std::string, int> refuses;                 // by key
  std::function<void(const PackedRule&)> before_add;  // what somebody else does just then
  int changes_before_failure = -1;                    // then each change runs out of time; -1: never
  std::vector<std::pair<AuditSetting, std::uint32_t>> settings_set;
  std::size_t additions = 0;
  std::size_t removals = 0;

  Result<AuditStatus> status() override { return now; }

  Result<void> set(AuditSetting setting, std::uint32_t value) override {
    if (now.immutable()) return fail(ErrorCode::permission_denied, "immutable");
    settings_set.emplace_back(setting, value);
    switch (setting) {
      case AuditSetting::enabled:
        now.enabled = value;
        break;
      case AuditSetting::failure:
        now.failure = value;
        break;
      case AuditSetting::rate_limit:
        now.rate_limit = value;
        break;
      case AuditSetting::backlog_limit:
        now.backlog_limit = value;
        break;
      case AuditSetting::backlog_wait_time:
        if (value > 600000) return fail(ErrorCode::unavailable, "Invalid argument");
        now.backlog_wait_time = value;
        break;
    }
    return {};
  }

  Result<std::vector<PackedRule>> rules() override { return held; }

  Result<AuditAddition> add(const PackedRule& rule) override {
    if (fails()) return fail(ErrorCode::timeout, "no answer");
    if (now.immutable()) return fail(ErrorCode::permission_denied, "immutable");
    if (before_add) before_add(rule);
    for (const std::string& key : rule.keys()) {
      if (const auto found = refuses.find(key); found != refuses.end()) return AuditAddition{found->second};
    }
    if (std::ranges::find(held, rule) != held.end()) return AuditAddition{EEXIST};
    held.insert(rule.at_front() ? held.begin() : held.end(), rule);
    ++additions;
    return AuditAddition{};
  }

  Result<bool> remove(const PackedRule& rule) override {
    if (fails()) return fail(ErrorCode::timeout, "no answer");
    if (now.immutable()) return fail(ErrorCode::permission_denied, "immutable");
    const auto found = std::ranges::find(held, rule);
    if (found == held.end()) return false;
    held.erase(found);
    ++removals;
    return true;
  }

 private:
  bool fails() {
    if (changes_before_failure == 0) return true;
    if (changes_before_failure > 0) --changes_before_failure;
    return false;
  }
};

}  // namespace sightline::agent
