// Rule files of auditctl: what its -R loads, read without touching the kernel's rules.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/audit_rules/packed_rule.h"
#include "base/error.h"

namespace sightline::agent {

struct AuditRule {
  std::string file;
  std::size_t line = 0;
  std::string text;  // the line
  PackedRule packed;
};

// What the files ask for beside rules. Wishes: whoever applies them decides.
struct AuditSettings {
  std::optional<std::uint32_t> enabled{};            // 0, 1, or 2: immutable until the next boot
  std::optional<std::uint32_t> failure{};            // 0 silent, 1 printk, 2 panic
  std::optional<std::uint32_t> rate_limit{};         // records a second, 0 for no limit
  std::optional<std::uint32_t> backlog_limit{};      // records waiting
  std::optional<std::uint32_t> backlog_wait_time{};  // of a process at a full backlog, in the kernel's ticks
};

struct RuleProblem {
  enum class Kind : std::uint8_t { error, note };  // an error costs a rule or setting, or a part of it; a note nothing

  Kind kind = Kind::error;
  std::string file;
  std::size_t line = 0;    // from 1; 0 where the whole file is meant
  std::size_t column = 0;  // from 1, in bytes; 0 where the whole line is meant
  std::string what;
  std::string expected;  // or nothing
  std::string hint;      // or nothing
};

// `FILE:LINE:COLUMN: error: what; expected …; hint`, one line of printable text.
std::string to_string(const RuleProblem& problem);

struct RuleFiles {
  std::vector<AuditRule> rules;  // in the order of loading, each only once
  AuditSettings settings;        // the last word on each
  std::vector<RuleProblem> problems;
};

constexpr std::size_t kMaxRuleFileBytes = std::size_t{4} << 20;
constexpr std::size_t kMaxRuleLineBytes = std::size_t{8} << 10;
constexpr std::size_t kMaxRules = 4096;
constexpr std::size_t kMaxRuleProblems = 1000;

// Reads one more file into `files`; a line that is wrong costs itself alone. Lines mean what they mean to `auditctl
// -R`, with these differences:
// - all good lines count, with or without -i or -c;
// - a system call that libaudit does not know yet is left out of the rule, which is an error, and the rule loaded;
// - -D, -d and -W take back what was read before and never touch a rule that is in the kernel already: a note says so;
// - what cannot be undone (--loginuid-immutable, --reset-lost, -q, -t) is read and left undone: a note says so;
// - a tab separates like a space, and a carriage return may end a line.
// -w asks the file system whether its path is a directory, names of users and groups are looked up, the kernel is asked
// for the fields it knows. Thread-safe for different `files`.
void read_rules(std::string_view text, const std::string& file, RuleFiles& files);
// Errors: not_found, unavailable, too_large, invalid_input (not a regular file).
Result<void> read_rule_file(const std::filesystem::path& file, RuleFiles& files);

}  // namespace sightline::agent
