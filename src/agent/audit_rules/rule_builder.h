// One rule, built by libaudit from the arguments of auditctl's options.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "agent/audit_rules/packed_rule.h"

struct audit_rule_data;

namespace sightline::agent {

// What is wrong with an argument.
struct RuleMistake {
  std::string what;
  std::string expected;
  std::string hint;
  bool only_elsewhere = false;  // sound, but for machines of another kind than this one
};

using RuleStep = std::expected<void, RuleMistake>;

// Feed it the arguments in the order of the line, then finish(); after a mistake it is of no more use. libaudit keeps
// what it saw of the line in variables of the process: a builder has them, and every other builder waits, until it is
// destroyed.
class RuleBuilder {
 public:
  RuleBuilder();
  ~RuleBuilder();
  RuleBuilder(const RuleBuilder&) = delete;
  RuleBuilder& operator=(const RuleBuilder&) = delete;

  RuleStep list_and_action(const std::string& text, bool at_front);  // -a, -A, -d: `exit,always` or `always,exit`
  RuleStep syscalls(const std::string& text);                        // -S: names, numbers, `all`, separated by commas
  RuleStep field(const std::string& text);                           // -F
  RuleStep comparison(const std::string& text);                      // -C
  RuleStep watch(std::string path);                                  // -w, -W; looks whether it is a directory now
  RuleStep permissions(const std::string& text);                     // -p
  RuleStep key(const std::string& text);                             // -k
  std::expected<PackedRule, RuleMistake> finish();

  // Names of system calls that libaudit does not know. A rule that has others is finished without them.
  const std::vector<std::string>& unknown_syscalls() const { return unknown_syscalls_; }
  // System calls were named without an architecture, and have other numbers for 32-bit programs.
  bool depends_on_architecture() const { return depends_on_architecture_; }

 private:
  struct Free {
    void operator()(audit_rule_data* rule) const;
  };

  RuleStep add_pair(const std::string& text, int (*add)(audit_rule_data**, const char*, int));
  RuleStep syscall(const std::string& name);
  RuleStep add_key(const std::string& text);
  void see_architecture(const std::string& name);

  std::unique_lock<std::mutex> lock_;
  std::unique_ptr<audit_rule_data, Free> rule_;
  std::uint32_t list_ = 0;
  std::uint32_t action_ = 0;
  bool has_list_ = false;
  bool at_front_ = false;
  bool depends_on_architecture_ = false;
  bool any_syscall_ = false;
  std::vector<std::string> unknown_syscalls_;
  std::string key_;
};

}  // namespace sightline::agent
