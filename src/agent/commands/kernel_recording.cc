#include "agent/commands/kernel_recording.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstring>
#include <utility>

#include "agent/kernel_audit/audit_source.h"

namespace sightline::agent {
namespace {

// What the kernel keeps for the agent while it is not scheduled. As a socket's queue it is locked memory only when
// full.
constexpr std::size_t kQueueBytes = std::size_t{8} << 20U;

Result<AuditSocket> open_socket(const std::string& wish, std::uint32_t owner) {
  if (wish == "listener" || (wish == "auto" && owner != 0)) {
    return AuditSocket::open(AuditSocket::Mode::listener, kQueueBytes);
  }
  Result<AuditSocket> socket = AuditSocket::open(AuditSocket::Mode::owner, kQueueBytes);
  if (socket || wish == "owner" || socket.error().code != ErrorCode::conflict) return socket;
  return AuditSocket::open(AuditSocket::Mode::listener, kQueueBytes);  // somebody was faster
}

}  // namespace

Result<RuleFiles> KernelRecording::read_rules() const {
  RuleFiles files;
  for (const std::string& file : options_.audit_rules) {
    if (const Result<void> read = read_rule_file(file, files); !read) return std::unexpected(read.error());
  }
  for (const RuleProblem& problem : files.problems) {
    log_.write(problem.kind == RuleProblem::Kind::error ? LogLevel::error : LogLevel::info, "audit rules",
               {{"problem", to_string(problem)}});
  }
  return files;
}

Result<void> KernelRecording::load(const RuleFiles& files) {
  AuditSettings settings = files.settings;
  if (!settings.enabled) settings.enabled = 1;
  const Result<RuleLoad> loaded = rules_->load(files.rules, settings, options_.audit_immutable);
  load_failed_ = !loaded;
  if (!loaded) return std::unexpected(loaded.error());
  log_refused(*loaded);
  for (const std::string& note : loaded->notes) log_.info("audit rules", {{"note", note}});
  log_.info("audit rules are in force", {{"added", loaded->added.size()},
                                         {"kept", loaded->kept.size()},
                                         {"there_before", loaded->respected.size()},
                                         {"refused", loaded->refused.size()},
                                         {"immutable", loaded->immutable}});
  looked_ms_ = clock_.now_ms();
  return {};
}

Result<std::unique_ptr<Source>> KernelRecording::start(std::string cursor) {
  const Result<RuleFiles> files = read_rules();
  if (!files) return std::unexpected(files.error());
  auto kernel = NetlinkAuditKernel::open();
  if (!kernel) return std::unexpected(kernel.error());
  kernel_ = std::move(*kernel);
  const Result<AuditStatus> status = kernel_->status();
  if (!status) return std::unexpected(status.error());
  Result<AuditSocket> socket = open_socket(options_.audit, status->pid);
  if (!socket) return std::unexpected(socket.error());
  mode_ = socket->mode() == AuditSocket::Mode::owner ? "owner" : "listener";
  rules_ = std::make_unique<KernelRules>(*kernel_, options_.rule_state_file(), boot_id_);
  if (const Result<void> loaded = load(*files); !loaded) return std::unexpected(loaded.error());
  // The source asks from another thread, so it has a socket of its own.
  auto asked = NetlinkAuditKernel::open();
  if (!asked) return std::unexpected(asked.error());
  const auto lost_records = [shared =
                                 std::shared_ptr<NetlinkAuditKernel>(std::move(*asked))]() -> Result<std::uint32_t> {
    const Result<AuditStatus> now = shared->status();
    if (!now) return std::unexpected(now.error());
    return now->lost;
  };
  return std::make_unique<AuditSource>(
      std::move(*socket),
      AuditSource::Options{.boot_id = boot_id_, .cursor = std::move(cursor), .lost_records = lost_records}, clock_);
}

Result<void> KernelRecording::reload() {
  if (!rules_) return {};
  const Result<RuleFiles> files = read_rules();
  if (!files) return std::unexpected(files.error());
  return load(*files);
}

void KernelRecording::lose_from_last_look(std::string detail) {
  log_.error("audit rules were not in force", {{"what", detail}});
  ledger_.add({.source = "audit",
               .reason = LossReason::rules_gone,
               .count = std::nullopt,
               .from_ms = looked_ms_,
               .to_ms = clock_.now_ms(),
               .detail = std::move(detail)});
}

Result<void> KernelRecording::look_after() {
  if (!rules_) return {};
  const Result<AuditStatus> status = kernel_->status();
  if (!status) {
    log_.error("audit cannot be looked at", {{"reason", status.error().message}});
    return {};
  }
  if (mode_ == "owner" && status->pid != static_cast<std::uint32_t>(getpid())) {
    lose_from_last_look(fmt::format("the kernel delivers its records to process {} now", status->pid));
    return fail(ErrorCode::conflict,
                fmt::format("the kernel delivers its audit records to process {} now", status->pid));
  }
  if (status->enabled == 0) {
    lose_from_last_look("auditing was switched off, and is switched on again");
    if (const auto set = kernel_->set(AuditSetting::enabled, 1); !set) {
      log_.error("auditing stays off", {{"reason", set.error().message}});
    }
  }
  if (load_failed_) {
    lose_from_last_look("the rules were loaded only in part");
    if (const Result<void> loaded = reload(); !loaded) {
      log_.error("audit rules are not loaded", {{"reason", loaded.error().message}});
      rules_->repair();  // what was read before, as far as it goes
    }
    return {};
  }
  put_back_missing();
  return {};
}

void KernelRecording::put_back_missing() {
  const Result<std::vector<MissingRule>> missing = rules_->missing();
  if (!missing) {
    log_.error("audit rules cannot be looked at", {{"reason", missing.error().message}});
    return;
  }
  if (!missing->empty()) {
    lose_from_last_look(
        fmt::format("{} rules were taken out, the first: {}", missing->size(), missing->front().rule->text));
    const Result<RuleLoad> repaired = rules_->repair();
    if (!repaired) {
      log_.error("audit rules stay out", {{"reason", repaired.error().message}});
      return;
    }
    log_refused(*repaired);
  }
  looked_ms_ = clock_.now_ms();
}

void KernelRecording::log_refused(const RuleLoad& load) {
  for (const RuleLoad::Refused& refused : load.refused) {
    log_.error("the kernel refuses an audit rule", {{"file", refused.rule->file},
                                                    {"line", refused.rule->line},
                                                    {"rule", refused.rule->text},
                                                    {"reason", refused.why}});
  }
}

void KernelRecording::stop() {
  if (!rules_) return;
  const Result<RuleRestore> restored = rules_->restore();
  if (!restored) {
    log_.error("audit rules stay in force", {{"reason", restored.error().message}});
    return;
  }
  for (const std::string& note : restored->notes) log_.info("audit rules", {{"note", note}});
  log_.info("audit rules were taken out", {{"removed", restored->removed}, {"gone_before", restored->gone}});
}

}  // namespace sightline::agent
