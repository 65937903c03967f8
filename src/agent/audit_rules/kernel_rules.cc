#include "agent/audit_rules/kernel_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <optional>
#include <ranges>
#include <string_view>
#include <system_error>
#include <unordered_set>
#include <utility>

namespace sightline::agent {
namespace {

// In the order of setting them: recording starts when there is room for the records.
std::vector<std::pair<AuditSetting, std::uint32_t>> wishes(const AuditSettings& settings) {
  std::vector<std::pair<AuditSetting, std::uint32_t>> list;
  const auto add = [&](AuditSetting setting, const std::optional<std::uint32_t>& value) {
    if (value) list.emplace_back(setting, *value);
  };
  add(AuditSetting::backlog_limit, settings.backlog_limit);
  add(AuditSetting::backlog_wait_time, settings.backlog_wait_time);
  add(AuditSetting::rate_limit, settings.rate_limit);
  add(AuditSetting::failure, settings.failure);
  add(AuditSetting::enabled, settings.enabled);
  return list;
}

// What the settings will have been changed from and to. What was found first stays what was found.
std::vector<ChangedSetting> changes(const AuditSettings& settings, const AuditStatus& status,
                                    const std::vector<ChangedSetting>& before) {
  std::vector<ChangedSetting> list;
  for (const auto& [setting, value] : wishes(settings)) {
    const std::uint32_t now = value_of(status, setting);
    const auto earlier = std::ranges::find(before, setting, &ChangedSetting::setting);
    const bool still_ours = earlier != before.end() && earlier->set == now;
    const ChangedSetting change{setting, still_ours ? earlier->found : now, value};
    if (change.found != change.set) list.push_back(change);
  }
  return list;
}

std::string reason(int error_number) {
  switch (error_number) {
    case ENOENT:
      return "a folder on its path does not exist";
    case EINVAL:
      return "this kernel does not know such a rule";
    default:
      return std::error_code(error_number, std::generic_category()).message();
  }
}

constexpr std::string_view kImmutable = "audit is immutable until the next boot";

bool is_wished(const AuditSettings& settings, AuditSetting setting) {
  return std::ranges::any_of(wishes(settings), [&](const auto& wish) { return wish.first == setting; });
}

}  // namespace

KernelRules::KernelRules(AuditKernel& kernel, std::filesystem::path state_file, std::string boot_id)
    : kernel_(kernel), state_file_(std::move(state_file)), boot_id_(std::move(boot_id)) {}

Result<void> KernelRules::take_up_state(std::vector<std::string>& notes) {
  if (state_taken_up_) return {};
  state_ = RuleState{};
  auto state = read_rule_state(state_file_);
  if (state && *state && (*state)->boot_id == boot_id_) state_ = std::move(**state);
  if (!state && state.error().code != ErrorCode::corrupt) return std::unexpected(std::move(state.error()));
  if (!state) notes.push_back(state.error().message + ": rules that an earlier run left count as another's");
  state_.boot_id = boot_id_;
  state_taken_up_ = true;
  return {};
}

Result<RuleLoad> KernelRules::load(std::vector<AuditRule> rules, const AuditSettings& settings, bool allow_immutable) {
  RuleLoad report;
  if (auto taken_up = take_up_state(report.notes); !taken_up) return std::unexpected(std::move(taken_up.error()));
  const auto status = kernel_.status();
  if (!status) return std::unexpected(status.error());
  const auto present = kernel_.rules();
  if (!present) return std::unexpected(present.error());
  // From here on what was wished before is given up.
  in_force_.clear();
  wished_ = std::move(rules);
  AuditSettings wish = settings;
  if (wish.enabled == 2 && !allow_immutable) {
    wish.enabled = 1;
    report.notes.emplace_back("-e 2 is not carried out: immutable mode needs a setting of its own");
  }
  const LoadPlan plan = plan_load(wished_, *present, state_);
  if (status->immutable()) return look_only(plan, std::move(report));
  for (const ChangedSetting& earlier : state_.settings) {
    if (!is_wished(wish, earlier.setting)) put_back(earlier, *status, report.notes);
  }
  state_.settings = changes(wish, *status, state_.settings);
  if (auto remembered = remember(plan); !remembered) return std::unexpected(std::move(remembered.error()));
  for (const ChangedSetting& change : std::vector(state_.settings)) {
    if (change.setting != AuditSetting::enabled) set(change, report.notes);
  }
  if (auto done = carry_out(plan, report); !done) return std::unexpected(std::move(done.error()));
  for (const ChangedSetting& change : std::vector(state_.settings)) {
    if (change.setting == AuditSetting::enabled) set(change, report.notes);
  }
  if (auto written = write_rule_state(state_file_, state_); !written) report.notes.push_back(written.error().message);
  return report;
}

Result<std::vector<MissingRule>> KernelRules::missing() {
  const auto present = kernel_.rules();
  if (!present) return std::unexpected(present.error());
  std::unordered_set<std::string_view> there;
  for (const PackedRule& rule : *present) there.insert(rule.bytes());
  std::vector<MissingRule> missing;
  for (const AuditRule* rule : in_force_) {
    if (!there.contains(rule->packed.bytes())) missing.push_back({rule, state_.is_ours(rule->packed)});
  }
  return missing;
}

Result<RuleLoad> KernelRules::repair() {
  RuleLoad report;
  const auto status = kernel_.status();
  if (!status) return std::unexpected(status.error());
  const auto present = kernel_.rules();
  if (!present) return std::unexpected(present.error());
  const LoadPlan plan = plan_load(wished_, *present, state_);
  if (status->immutable()) return look_only(plan, std::move(report));
  if (auto remembered = remember(plan); !remembered) return std::unexpected(std::move(remembered.error()));
  if (auto done = carry_out(plan, report); !done) return std::unexpected(std::move(done.error()));
  if (auto written = write_rule_state(state_file_, state_); !written) report.notes.push_back(written.error().message);
  return report;
}

Result<RuleRestore> KernelRules::restore() {
  RuleRestore report;
  if (auto taken_up = take_up_state(report.notes); !taken_up) return std::unexpected(std::move(taken_up.error()));
  const auto status = kernel_.status();
  if (!status) return std::unexpected(status.error());
  if (status->immutable()) {
    report.immutable = true;
    report.notes.emplace_back(kImmutable);
    return report;
  }
  for (const ChangedSetting& changed : std::views::reverse(state_.settings)) put_back(changed, *status, report.notes);
  state_.settings.clear();
  if (auto done = take_out_ours(report); !done) return std::unexpected(std::move(done.error()));
  wished_.clear();
  in_force_.clear();
  if (auto removed = remove_rule_state(state_file_); !removed) return std::unexpected(std::move(removed.error()));
  return report;
}

RuleLoad KernelRules::look_only(const LoadPlan& plan, RuleLoad report) {
  in_force_ = plan.kept;
  in_force_.insert(in_force_.end(), plan.respected.begin(), plan.respected.end());
  report.immutable = true;
  report.kept = plan.kept;
  report.respected = plan.respected;
  for (const AuditRule* rule : plan.absent) report.refused.push_back({rule, EPERM, std::string(kImmutable)});
  report.notes.emplace_back(kImmutable);
  return report;
}

Result<void> KernelRules::remember(const LoadPlan& plan) {
  for (const AuditRule* rule : plan.absent) state_.ours.insert(RuleState::identity(rule->packed));
  return write_rule_state(state_file_, state_);
}

Result<void> KernelRules::carry_out(const LoadPlan& plan, RuleLoad& report) {
  for (const PackedRule& rule : plan.unwished) {
    if (const auto removed = kernel_.remove(rule); !removed) return std::unexpected(removed.error());
    state_.ours.erase(RuleState::identity(rule));
  }
  report.removed = plan.unwished.size();
  report.respected = plan.respected;
  std::unordered_set<const AuditRule*> lost;
  for (const auto& [rule, is_there] : plan.additions) {
    // One at a time: the kernel takes milliseconds to remove a rule, and all others go on recording.
    if (is_there) {
      if (const auto removed = kernel_.remove(rule->packed); !removed) return std::unexpected(removed.error());
    }
    const auto added = kernel_.add(rule->packed);
    if (!added) return std::unexpected(added.error());
    if (added->error_number == 0) {
      if (!is_there) report.added.push_back(rule);
      continue;
    }
    // Somebody else was faster, or the kernel does not want it.
    state_.ours.erase(RuleState::identity(rule->packed));
    lost.insert(rule);
    if (added->error_number == EEXIST) {
      report.respected.push_back(rule);
    } else {
      report.refused.push_back({rule, added->error_number, reason(added->error_number)});
    }
  }
  std::ranges::copy_if(plan.kept, std::back_inserter(report.kept), [&](auto* rule) { return !lost.contains(rule); });
  in_force_.clear();
  for (const auto* list : {&report.kept, &report.respected, &report.added}) {
    in_force_.insert(in_force_.end(), list->begin(), list->end());
  }
  return {};
}

void KernelRules::set(const ChangedSetting& change, std::vector<std::string>& notes) {
  if (const auto done = kernel_.set(change.setting, change.set); !done) {
    notes.push_back(
        fmt::format("{} is not set to {}: {}", to_string(change.setting), change.set, done.error().message));
    std::erase_if(state_.settings, [&](const ChangedSetting& each) { return each.setting == change.setting; });
  }
}

void KernelRules::put_back(const ChangedSetting& changed, const AuditStatus& status, std::vector<std::string>& notes) {
  const std::uint32_t now = value_of(status, changed.setting);
  if (now == changed.found) return;
  const std::string_view name = to_string(changed.setting);
  if (now != changed.set) {
    notes.push_back(
        fmt::format("{} is left at {}: it was set to {} and somebody changed it since", name, now, changed.set));
  } else if (const auto done = kernel_.set(changed.setting, changed.found); !done) {
    notes.push_back(fmt::format("{} is not put back to {}: {}", name, changed.found, done.error().message));
  }
}

Result<void> KernelRules::take_out_ours(RuleRestore& report) {
  const auto present = kernel_.rules();
  if (!present) return std::unexpected(present.error());
  // The last first: what keeps noise out stands before what it keeps it out of.
  for (const PackedRule& rule : std::views::reverse(*present)) {
    if (!state_.is_ours(rule)) continue;
    const auto removed = kernel_.remove(rule);
    if (!removed) return std::unexpected(removed.error());
    state_.ours.erase(RuleState::identity(rule));
    ++report.removed;
  }
  report.gone = state_.ours.size();
  state_.ours.clear();
  return {};
}

}  // namespace sightline::agent
