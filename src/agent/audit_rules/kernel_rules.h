// Our rules in the kernel: loaded beside those of others, watched, and taken out again.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "agent/audit_rules/audit_kernel.h"
#include "agent/audit_rules/load_plan.h"
#include "agent/audit_rules/rule_file.h"
#include "agent/audit_rules/rule_state.h"
#include "base/error.h"

namespace sightline::agent {

// What became of the rules that were wished. The pointers are good until the next load().
struct RuleLoad {
  struct Refused {
    const AuditRule* rule = nullptr;
    int error_number = 0;  // of the kernel
    std::string why;
  };

  bool immutable = false;                   // nothing could be changed until the next boot, and nothing was tried
  std::vector<const AuditRule*> added;      // ours
  std::vector<const AuditRule*> kept;       // ours, there since an earlier load or run
  std::vector<const AuditRule*> respected;  // there, and not ours: never removed by us
  std::vector<Refused> refused;             // not in force
  std::size_t removed = 0;                  // ours of earlier that are wished no more
  std::vector<std::string> notes;           // what else somebody should hear
};

struct MissingRule {
  const AuditRule* rule = nullptr;  // until the next load()
  bool ours = false;                // false: it was another's, and respected
};

struct RuleRestore {
  bool immutable = false;          // nothing was changed: what is loaded stays until the next boot
  std::size_t removed = 0;         // rules taken out
  std::size_t gone = 0;            // rules of ours that somebody else had removed
  std::vector<std::string> notes;  // what was left, and why
};

// A rule is ours if we added it while no rule equal to it was there, in this boot of the kernel. Which those are, and
// the settings as they were found, is in a file before the kernel is changed: after kill -9 the next start knows. A
// state of another boot counts for nothing; a damaged one makes every rule that is there another's, and load() says so.
//
// The kernel does not tell who added a rule: where somebody removes a rule of ours and adds its equal, it counts as
// ours.
//
// Not thread-safe. One process a state file. Errors of all functions are those of AuditKernel and of writing the file.
class KernelRules {
 public:
  // `kernel` outlives this.
  KernelRules(AuditKernel& kernel, std::filesystem::path state_file, std::string boot_id);

  // Makes the kernel hold `rules`, in their order, and what `settings` name. What was loaded before and is not wished
  // any more is taken back, so this is also how to reload. Rules of ours behind a missing or a new one are taken out
  // for a moment and added again, because the first rule that matches decides. Without `allow_immutable` a wish for
  // enabled = 2 is carried out as 1; with it, it comes last. After an error some may be loaded: restore() takes those
  // out.
  Result<RuleLoad> load(std::vector<AuditRule> rules, const AuditSettings& settings, bool allow_immutable = false);

  // Which rules were in force after load() and are not now.
  Result<std::vector<MissingRule>> missing();

  // Adds what is missing; settings are left as they are.
  Result<RuleLoad> repair();

  // Takes out the rules that are ours and puts settings back, except those that somebody changed since. Removes the
  // state file if nothing is left to do.
  Result<RuleRestore> restore();

 private:
  Result<void> take_up_state(std::vector<std::string>& notes);
  RuleLoad look_only(const LoadPlan& plan, RuleLoad report);
  Result<void> remember(const LoadPlan& plan);
  Result<void> carry_out(const LoadPlan& plan, RuleLoad& report);
  Result<void> take_out_ours(RuleRestore& report);
  void set(const ChangedSetting& change, std::vector<std::string>& notes);
  void put_back(const ChangedSetting& changed, const AuditStatus& status, std::vector<std::string>& notes);

  AuditKernel& kernel_;
  std::filesystem::path state_file_;
  std::string boot_id_;
  RuleState state_;
  bool state_taken_up_ = false;
  std::vector<AuditRule> wished_;
  std::vector<const AuditRule*> in_force_;  // of the wished, after the last load
};

}  // namespace sightline::agent
