// Against a kernel of the test's own: what no test may do to the running one.
#include "agent/audit_rules/kernel_rules.h"

#include <gmock/gmock.h>

#include <cerrno>
#include <fstream>

#include "agent/audit_rules/fake_audit_kernel.h"
#include "testing/temporary_directory.h"

namespace sightline::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

std::vector<AuditRule> rules_of(std::string_view text) {
  RuleFiles files;
  read_rules(text, "test.rules", files);
  for (const RuleProblem& problem : files.problems) ADD_FAILURE() << to_string(problem);
  return std::move(files.rules);
}

// Rules of these keys, in this order.
std::vector<AuditRule> keyed(std::string_view keys) {
  std::string text;
  for (const char key : keys) text += std::string("-w /etc/hosts -p wa -k ") + key + "\n";
  return rules_of(text);
}

class KernelRulesTest : public ::testing::Test {
 protected:
  KernelRules loader(std::string_view name = "state", std::string_view boot = "this-boot") {
    return {kernel, directory.path() / name, std::string(boot)};
  }

  // The keys that the kernel holds, in its order.
  std::string held() const {
    std::string keys;
    for (const PackedRule& rule : kernel.held) keys += rule.keys().at(0);
    return keys;
  }

  bool has_state() const { return std::filesystem::exists(directory.path() / "state"); }

  void hold(std::string_view keys) {
    for (AuditRule& rule : keyed(keys)) kernel.held.push_back(rule.packed);
  }

  void take_away(char key) {
    std::erase_if(kernel.held, [&](const PackedRule& rule) { return rule.keys().at(0) == std::string(1, key); });
  }

  FakeAuditKernel kernel;
  testing::TemporaryDirectory directory;
};

TEST_F(KernelRulesTest, OthersRulesAreRespectedAndLeft) {
  hold("xb");
  KernelRules rules = loader();
  const auto loaded = rules.load(keyed("abc"), {});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(held(), "xbac");
  EXPECT_THAT(loaded->added, SizeIs(2));
  ASSERT_THAT(loaded->respected, SizeIs(1));
  EXPECT_EQ(loaded->respected[0]->line, 2U);
  const auto restored = rules.restore();
  ASSERT_TRUE(restored);
  EXPECT_EQ(restored->removed, 2U);
  EXPECT_EQ(held(), "xb");
  EXPECT_FALSE(has_state());
}

TEST_F(KernelRulesTest, SomebodyFasterKeepsTheRule) {
  KernelRules rules = loader();
  kernel.before_add = [&](const PackedRule& rule) {
    if (rule.keys().at(0) == "b") kernel.held.push_back(rule);
  };
  const auto loaded = rules.load(keyed("abc"), {});
  ASSERT_TRUE(loaded);
  EXPECT_THAT(loaded->respected, SizeIs(1));
  ASSERT_TRUE(rules.restore());
  EXPECT_EQ(held(), "b");
}

TEST_F(KernelRulesTest, AKilledRunsRulesAreFoundAgain) {
  hold("b");
  ASSERT_TRUE(loader().load(keyed("abc"), {}));
  KernelRules next = loader();
  const auto loaded = next.load(keyed("abcd"), {});
  ASSERT_TRUE(loaded);
  EXPECT_THAT(loaded->kept, SizeIs(2));
  EXPECT_THAT(loaded->added, SizeIs(1));
  EXPECT_THAT(loaded->respected, SizeIs(1));
  ASSERT_TRUE(next.restore());
  EXPECT_EQ(held(), "b");
}

TEST_F(KernelRulesTest, ARunThatOnlyClearsUpAfterAKilledOne) {
  hold("b");
  ASSERT_TRUE(loader().load(keyed("abc"), {.enabled = 1}));
  const auto restored = loader().restore();
  ASSERT_TRUE(restored);
  EXPECT_EQ(restored->removed, 2U);
  EXPECT_EQ(held(), "b");
  EXPECT_EQ(kernel.now.enabled, 0U);
}

// At each point at which it can be cut off, nothing of ours is taken for another's and nothing of another's for ours.
TEST_F(KernelRulesTest, CutOffAnywhere) {
  for (int changes = 0; changes < 8; ++changes) {
    SCOPED_TRACE(changes);
    kernel.held.clear();
    hold("xc");
    ASSERT_TRUE(loader().load(keyed("abc"), {}));
    kernel.changes_before_failure = changes;
    static_cast<void>(loader().load(keyed("ecba"), {}));
    kernel.changes_before_failure = -1;
    ASSERT_TRUE(loader().restore());
    EXPECT_EQ(held(), "xc");
    EXPECT_FALSE(has_state());
  }
}

TEST_F(KernelRulesTest, AnotherBootsStateCountsForNothing) {
  ASSERT_TRUE(loader("state", "boot-before").load(keyed("ab"), {}));
  KernelRules rules = loader();
  const auto loaded = rules.load(keyed("abc"), {});
  ASSERT_TRUE(loaded);
  EXPECT_THAT(loaded->respected, SizeIs(2));
  ASSERT_TRUE(rules.restore());
  EXPECT_EQ(held(), "ab");
}

TEST_F(KernelRulesTest, ADamagedStateCountsForNothingAndIsSaid) {
  ASSERT_TRUE(loader().load(keyed("ab"), {}));
  std::ofstream(directory.path() / "state", std::ios::app) << "more\n";
  KernelRules rules = loader();
  const auto loaded = rules.load(keyed("ab"), {});
  ASSERT_TRUE(loaded);
  EXPECT_THAT(loaded->respected, SizeIs(2));
  EXPECT_THAT(loaded->notes, ElementsAre(HasSubstr("is damaged")));
}

TEST_F(KernelRulesTest, NothingIsChangedWhereTheStateCannotBeWritten) {
  KernelRules rules(kernel, directory.path() / "no" / "folder", "this-boot");
  EXPECT_EQ(rules.load(keyed("ab"), {.enabled = 1}).error().code, ErrorCode::unavailable);
  EXPECT_THAT(kernel.held, IsEmpty());
  EXPECT_EQ(kernel.now.enabled, 0U);
}

TEST_F(KernelRulesTest, FlushedRulesAreMissingAndComeBackInOrder) {
  hold("x");
  KernelRules rules = loader();
  ASSERT_TRUE(rules.load(keyed("abxc"), {}));
  EXPECT_THAT(*rules.missing(), IsEmpty());
  take_away('b');
  take_away('x');
  const auto missing = rules.missing();
  ASSERT_TRUE(missing);
  ASSERT_THAT(*missing, SizeIs(2));
  EXPECT_FALSE((*missing)[0].ours);
  EXPECT_EQ((*missing)[0].rule->line, 3U);
  EXPECT_TRUE((*missing)[1].ours);
  EXPECT_EQ((*missing)[1].rule->line, 2U);
  const auto repaired = rules.repair();
  ASSERT_TRUE(repaired);
  EXPECT_THAT(repaired->added, SizeIs(2));
  EXPECT_THAT(repaired->kept, SizeIs(2));
  EXPECT_EQ(held(), "abxc");
  EXPECT_THAT(*rules.missing(), IsEmpty());
}

TEST_F(KernelRulesTest, AReloadTakesBackWhatIsWishedNoMore) {
  KernelRules rules = loader();
  ASSERT_TRUE(rules.load(keyed("abcd"), {}));
  const auto loaded = rules.load(keyed("acdb"), {});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(held(), "acdb");
  const std::size_t before = kernel.removals;
  const auto less = rules.load(keyed("ad"), {});
  ASSERT_TRUE(less);
  EXPECT_EQ(less->removed, 2U);
  EXPECT_EQ(kernel.removals - before, 2U);
  EXPECT_EQ(held(), "ad");
}

TEST_F(KernelRulesTest, ALoadOfWhatIsThereChangesNothing) {
  KernelRules rules = loader();
  ASSERT_TRUE(rules.load(keyed("abc"), {}));
  const std::size_t additions = kernel.additions;
  ASSERT_TRUE(rules.load(keyed("abc"), {}));
  EXPECT_EQ(kernel.additions, additions);
  EXPECT_EQ(kernel.removals, 0U);
}

TEST_F(KernelRulesTest, RulesForTheFrontKeepTheirOrder) {
  const std::string text =
      "-a always,exit -F path=/a -F key=a\n-A never,exit -F path=/b -F key=b\n-A never,exit -F path=/c -F key=c\n";
  KernelRules rules = loader();
  ASSERT_TRUE(rules.load(rules_of(text), {}));
  EXPECT_EQ(held(), "cba");
  take_away('b');
  ASSERT_TRUE(rules.repair());
  EXPECT_EQ(held(), "cba");
  ASSERT_TRUE(rules.restore());
  EXPECT_EQ(held(), "");
}

TEST_F(KernelRulesTest, RefusedRulesAreNotInForceAndNotMissing) {
  kernel.refuses = {{"b", ENOENT}, {"c", EINVAL}};
  KernelRules rules = loader();
  const auto loaded = rules.load(keyed("abc"), {});
  ASSERT_TRUE(loaded);
  EXPECT_THAT(loaded->added, SizeIs(1));
  ASSERT_THAT(loaded->refused, SizeIs(2));
  EXPECT_EQ(loaded->refused[0].error_number, ENOENT);
  EXPECT_THAT(loaded->refused[0].why, HasSubstr("folder"));
  EXPECT_THAT(*rules.missing(), IsEmpty());
}

TEST_F(KernelRulesTest, ImmutableModeIsSaidAndNothingIsTried) {
  hold("bx");
  kernel.now.enabled = 2;
  KernelRules rules = loader();
  const auto loaded = rules.load(keyed("ab"), {.backlog_limit = 8192});
  ASSERT_TRUE(loaded);
  EXPECT_TRUE(loaded->immutable);
  ASSERT_THAT(loaded->respected, SizeIs(1));
  EXPECT_EQ(loaded->respected[0]->line, 2U);
  ASSERT_THAT(loaded->refused, SizeIs(1));
  EXPECT_EQ(loaded->refused[0].rule->line, 1U);
  EXPECT_EQ(kernel.now.backlog_limit, 64U);
  const auto restored = rules.restore();
  ASSERT_TRUE(restored);
  EXPECT_TRUE(restored->immutable);
  EXPECT_EQ(held(), "bx");
}

TEST_F(KernelRulesTest, ImmutableModeIsEnteredOnlyWhereAllowed) {
  KernelRules rules = loader();
  const auto loaded = rules.load(keyed("a"), {.enabled = 2, .backlog_limit = 8192});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(kernel.now.enabled, 1U);
  EXPECT_THAT(loaded->notes, ElementsAre(HasSubstr("-e 2")));
  ASSERT_TRUE(rules.load(keyed("ab"), {.enabled = 2, .backlog_limit = 8192}, true));
  EXPECT_EQ(kernel.now.enabled, 2U);
  EXPECT_EQ(held(), "ab");
  EXPECT_THAT(kernel.settings_set.back(), Pair(AuditSetting::enabled, 2U));
}

TEST_F(KernelRulesTest, SettingsArePutBackAsFound) {
  KernelRules rules = loader();
  ASSERT_TRUE(rules.load({}, {.enabled = 1, .failure = 1, .rate_limit = 500, .backlog_limit = 8192}));
  EXPECT_THAT(kernel.settings_set, ElementsAre(Pair(AuditSetting::backlog_limit, 8192U),
                                               Pair(AuditSetting::rate_limit, 500U), Pair(AuditSetting::enabled, 1U)));
  ASSERT_TRUE(rules.load({}, {.enabled = 1, .backlog_limit = 4096}));
  EXPECT_EQ(kernel.now.rate_limit, 0U);
  EXPECT_EQ(kernel.now.backlog_limit, 4096U);
  ASSERT_TRUE(rules.restore());
  EXPECT_EQ(kernel.now.enabled, 0U);
  EXPECT_EQ(kernel.now.backlog_limit, 64U);
}

TEST_F(KernelRulesTest, WhatSomebodyChangedSinceIsLeft) {
  KernelRules rules = loader();
  ASSERT_TRUE(rules.load({}, {.enabled = 1, .backlog_limit = 8192}));
  kernel.now.backlog_limit = 16384;
  const auto restored = rules.restore();
  ASSERT_TRUE(restored);
  EXPECT_EQ(kernel.now.backlog_limit, 16384U);
  EXPECT_EQ(kernel.now.enabled, 0U);
  EXPECT_THAT(restored->notes, ElementsAre(HasSubstr("backlog_limit is left at 16384")));
}

TEST_F(KernelRulesTest, ASettingThatTheKernelRefusesIsSaid) {
  KernelRules rules = loader();
  const auto loaded = rules.load(keyed("a"), {.backlog_wait_time = 4000000});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(held(), "a");
  EXPECT_THAT(loaded->notes, ElementsAre(HasSubstr("backlog_wait_time is not set to 4000000")));
}

TEST_F(KernelRulesTest, RulesThatSomebodyRemovedAreCountedAtTheEnd) {
  KernelRules rules = loader();
  ASSERT_TRUE(rules.load(keyed("abc"), {}));
  take_away('b');
  const auto restored = rules.restore();
  ASSERT_TRUE(restored);
  EXPECT_EQ(restored->removed, 2U);
  EXPECT_EQ(restored->gone, 1U);
}

}  // namespace
}  // namespace sightline::agent
