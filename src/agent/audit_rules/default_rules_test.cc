// The rules that the product comes with.
#include <algorithm>
#include <filesystem>

#include "agent/audit_rules/real_kernel_fixture.h"

namespace sightline::agent {
namespace {

RuleFiles default_rules() {
  RuleFiles files;
  const auto read =
      read_rule_file(std::filesystem::path(SIGHTLINE_SOURCE_DIR) / "packaging/agent/sightline.rules", files);
  EXPECT_TRUE(read) << read.error().message;
  return files;
}

TEST(DefaultRules, ReadWithoutAProblem) {
  const RuleFiles files = default_rules();
  for (const RuleProblem& problem : files.problems) ADD_FAILURE() << to_string(problem);
  EXPECT_GT(files.rules.size(), 100U);
  for (const AuditRule& rule : files.rules) {
    const bool quietens = rule.text.starts_with("-a never,") || rule.text.starts_with("-a always,exclude");
    const auto keys = rule.packed.keys();
    if (!quietens) {
      EXPECT_TRUE(keys.size() == 1 && keys[0].starts_with("sightline-")) << rule.text;
    }
  }
}

using DefaultRulesInKernel = RealKernelTest;

TEST_F(DefaultRulesInKernel, LoadWhole) {
  RuleFiles files = default_rules();
  const std::size_t count = files.rules.size();
  KernelRules rules = loader();
  const auto loaded = rules.load(std::move(files.rules), {});
  ASSERT_TRUE(loaded) << loaded.error().message;
  for (const auto& refused : loaded->refused) ADD_FAILURE() << refused.rule->text << ": " << refused.why;
  EXPECT_EQ(loaded->added.size() + loaded->respected.size(), count);
  const auto missing = rules.missing();
  ASSERT_TRUE(missing);
  for (const MissingRule& rule : *missing) ADD_FAILURE() << "not found again: " << rule.rule->text;
  ASSERT_TRUE(rules.restore());
}

}  // namespace
}  // namespace sightline::agent
