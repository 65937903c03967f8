// Any bytes as a rule file of auditctl: what is read as a rule is one that the kernel's form can hold, everything said
// names its line, and reading leaves nothing behind in libaudit that a second reading would see.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "agent/audit_rules/rule_file.h"

namespace {

using namespace sightline::agent;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_rule(const AuditRule& rule, std::string_view text) {
  require(rule.line > 0 && text.contains(rule.text) && rule.text.size() <= kMaxRuleLineBytes);
  const auto again = PackedRule::from_bytes(rule.packed.bytes_to_add());
  require(again.has_value() && *again == rule.packed && again->at_front() == rule.packed.at_front());
  std::size_t key_bytes = 0;
  for (const std::string& key : rule.packed.keys()) key_bytes += key.size();
  require(key_bytes <= 256);
}

void check_same(const RuleFiles& a, const RuleFiles& b) {
  require(a.rules.size() == b.rules.size() && a.problems.size() == b.problems.size());
  for (std::size_t i = 0; i < a.rules.size(); ++i) require(a.rules[i].packed == b.rules[i].packed);
  for (std::size_t i = 0; i < a.problems.size(); ++i) require(to_string(a.problems[i]) == to_string(b.problems[i]));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  RuleFiles files;
  read_rules(text, "f", files);
  require(files.rules.size() <= kMaxRules && files.problems.size() <= kMaxRuleProblems);
  for (const AuditRule& rule : files.rules) check_rule(rule, text);
  for (const RuleProblem& problem : files.problems) {
    require(problem.line > 0 && !problem.what.empty());
    for (const char c : to_string(problem)) require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  }
  RuleFiles again;
  read_rules(text, "f", again);
  check_same(files, again);
  return 0;
}
