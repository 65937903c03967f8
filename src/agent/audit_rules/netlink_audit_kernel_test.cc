// Against the running kernel.
#include "agent/audit_rules/netlink_audit_kernel.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "agent/audit_rules/real_kernel_fixture.h"
#include "testing/corpora.h"

namespace sightline::agent {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::string_view kThree =
    "-a never,exit -F arch=b64 -S sync -F uid=3999999 -k sightline-test\n"
    "-a always,exit -F arch=b64 -S sync,syncfs -F auid=unset -F pid=3999999 -k sightline-test -k second\n"
    "-w /etc/sightline-test-is-not-there -p wa -k sightline-test\n";

class RealKernel : public RealKernelTest {
 protected:
  std::size_t added() { return listed().size() - found().size(); }

  // What auditctl loads of this file, as the kernel lists it afterwards. Only lines with rules: others last longer than
  // a test. Nothing is left.
  std::vector<PackedRule> listed_by_auditctl(const std::filesystem::path& set) {
    const std::filesystem::path file = directory() / "only.rules";
    std::ifstream in(set);
    std::ofstream out(file);
    out << "-i\n";
    for (std::string line; std::getline(in, line);) {
      if (line.starts_with("-a ") || line.starts_with("-A ") || line.starts_with("-w ")) out << line << '\n';
    }
    out.close();
    // It fails where it could not load a rule, which is not the question here.
    static_cast<void>(std::system(("/usr/sbin/auditctl -R " + file.string() + " >/dev/null 2>&1").c_str()));
    return listed();
  }

  // Of which auditctl loads nothing, and we what is left.
  static void drop_rules_with_unknown_calls(RuleFiles& files) {
    for (const RuleProblem& problem : files.problems) {
      if (problem.what.find("left out") == std::string::npos) continue;
      std::erase_if(files.rules, [&](const AuditRule& rule) { return rule.line == problem.line; });
    }
  }
};

TEST_F(RealKernel, RoundTrip) {
  KernelRules rules = loader();
  const auto loaded = rules.load(rules_of(kThree), {});
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_THAT(loaded->added, SizeIs(3));
  EXPECT_EQ(added(), 3U);
  EXPECT_THAT(*rules.missing(), IsEmpty());

  ASSERT_TRUE(kernel().remove(rules_of(kThree)[1].packed));
  const auto missing = rules.missing();
  ASSERT_TRUE(missing);
  ASSERT_THAT(*missing, SizeIs(1));
  EXPECT_EQ((*missing)[0].rule->line, 2U);
  EXPECT_TRUE((*missing)[0].ours);

  const auto repaired = rules.repair();
  ASSERT_TRUE(repaired);
  EXPECT_THAT(repaired->added, SizeIs(1));
  EXPECT_THAT(repaired->kept, SizeIs(2));
  EXPECT_THAT(*rules.missing(), IsEmpty());
  const auto restored = rules.restore();
  ASSERT_TRUE(restored);
  EXPECT_EQ(restored->removed, 3U);
  EXPECT_TRUE(listed() == found());
}

TEST_F(RealKernel, TwoLoaders) {
  KernelRules first = loader("first");
  KernelRules second = loader("second");
  std::vector<AuditRule> two = rules_of(kThree);
  two.pop_back();
  ASSERT_TRUE(first.load(std::move(two), {}));
  const auto loaded = second.load(rules_of(kThree), {});
  ASSERT_TRUE(loaded);
  EXPECT_THAT(loaded->respected, SizeIs(2));
  EXPECT_THAT(loaded->added, SizeIs(1));
  ASSERT_TRUE(first.restore());
  EXPECT_EQ(added(), 1U);
  EXPECT_THAT(*second.missing(), SizeIs(2));
  ASSERT_TRUE(second.repair());
  EXPECT_EQ(added(), 3U);
  ASSERT_TRUE(second.restore());
}

TEST_F(RealKernel, AKilledProcessRulesAreFoundAgain) {
  const pid_t child = ::fork();
  if (child == 0) {
    KernelRules rules = loader();
    const bool done = rules.load(rules_of(kThree), {.backlog_limit = found_status().backlog_limit + 1}).has_value();
    ::kill(::getpid(), done ? SIGKILL : SIGTERM);
  }
  int how = 0;
  ASSERT_EQ(::waitpid(child, &how, 0), child);
  ASSERT_TRUE(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);
  EXPECT_EQ(added(), 3U);
  KernelRules next = loader();
  const auto loaded = next.load(rules_of(kThree), {.backlog_limit = found_status().backlog_limit + 1});
  ASSERT_TRUE(loaded);
  EXPECT_THAT(loaded->kept, SizeIs(3));
  const auto restored = next.restore();
  ASSERT_TRUE(restored);
  EXPECT_EQ(restored->removed, 3U);
}

TEST_F(RealKernel, SettingsAreSetAndPutBack) {
  KernelRules rules = loader();
  const AuditSettings wish{.enabled = 1,
                           .failure = found_status().failure == 0 ? 1U : 0U,
                           .rate_limit = found_status().rate_limit + 1000,
                           .backlog_limit = found_status().backlog_limit + 7,
                           .backlog_wait_time = found_status().backlog_wait_time / 2};
  const auto loaded = rules.load({}, wish);
  ASSERT_TRUE(loaded);
  EXPECT_THAT(loaded->notes, IsEmpty());
  const auto status = kernel().status();
  ASSERT_TRUE(status);
  EXPECT_EQ(status->enabled, 1U);
  EXPECT_EQ(status->failure, *wish.failure);
  EXPECT_EQ(status->rate_limit, *wish.rate_limit);
  EXPECT_EQ(status->backlog_limit, *wish.backlog_limit);
  EXPECT_EQ(status->backlog_wait_time, *wish.backlog_wait_time);
  ASSERT_TRUE(rules.restore());
}

TEST_F(RealKernel, RefusedForAMissingFolder) {
  KernelRules rules = loader();
  const auto loaded = rules.load(rules_of("-a always,exit -F dir=/nonesuch/folder -F perm=wa -k sightline-test\n"
                                          "-w /nonesuch/folder/file -p wa -k sightline-test\n"
                                          "-w /etc/sightline-test-is-not-there -p wa -k sightline-test\n"),
                                 {});
  ASSERT_TRUE(loaded);
  EXPECT_THAT(loaded->added, SizeIs(1));
  ASSERT_THAT(loaded->refused, SizeIs(2));
  EXPECT_EQ(loaded->refused[0].error_number, ENOENT);
  EXPECT_EQ(loaded->refused[1].error_number, ENOENT);
  ASSERT_TRUE(rules.restore());
}

// The kernel asks rules for the front first, and takes them twice where it is not watched.
TEST_F(RealKernel, RulesForTheFront) {
  const std::string text =
      "-a always,exit -F arch=b64 -S sync -F pid=3999999 -k sightline-test-last\n"
      "-A never,exit -F arch=b64 -S sync -F pid=3999999 -k sightline-test-second\n"
      "-A never,exit -F arch=b64 -S sync -F pid=3999999 -k sightline-test-first\n";
  KernelRules rules = loader();
  ASSERT_TRUE(rules.load(rules_of(text), {}));
  std::vector<std::string> order;
  for (const PackedRule& rule : listed()) {
    for (const std::string& key : rule.keys()) {
      if (key.starts_with("sightline-test")) order.push_back(key);
    }
  }
  EXPECT_THAT(order, ::testing::ElementsAre("sightline-test-first", "sightline-test-second", "sightline-test-last"));
  const auto again = rules.load(rules_of(text), {});
  ASSERT_TRUE(again);
  EXPECT_THAT(again->kept, SizeIs(3));
  EXPECT_EQ(added(), 3U);
  ASSERT_TRUE(rules.restore());
}

// Each field that the reader takes and this kernel knows is listed as it was asked for.
TEST_F(RealKernel, EachKindOfFieldIsFoundAgain) {
  std::vector<AuditRule> wished = rules_of(
      "-a always,exit -F arch=b64 -S all -F pid=3999999 -F key=sightline-test-1\n"
      "-a always,exit -F arch=b32 -S 1,2 -F pid=3999999 -k sightline-test-2\n"
      "-a always,exit -F arch!=b32 -F auid!=unset -F uid>=1000 -F gid<=5 -F euid>1 -F egid<9 -F path=/etc/hosts\n"
      "-a always,exit -F auid=-1 -F sessionid=unset -F suid=0 -F fsuid=0 -F sgid=0 -F fsgid=0 -F pid=3999999\n"
      "-a always,exit -F a0&1 -F a1&=2 -F a2=-1 -F a3!=0x10 -F exit=-EACCES -F success=0 -F pid=3999999\n"
      "-a always,exit -F exe=/bin/sightline-test -F pers=8 -F ppid=3999999 -F devmajor=8 -F devminor=1\n"
      "-a always,exit -F inode=7 -F filetype=file -F obj_uid=0 -F obj_gid=0 -F pid=3999999\n"
      "-a always,exit -F arch=b64 -S connect -F saddr_fam=10 -F pid=3999999\n"
      "-a always,exit -C uid!=euid -C auid!=obj_uid -F pid=3999999\n"
      "-a always,exit -F dir=/etc/ -F perm=rwxa -F pid=3999999\n"
      "-a always,exit -F subj_user=u -F subj_role=r -F subj_type=t -F subj_sen=s -F subj_clr=c -F pid=3999999\n"
      "-a always,exit -F obj_user=u -F obj_role=r -F obj_type=t -F obj_lev_low=l -F obj_lev_high=h -F pid=3999999\n"
      "-a never,task -F pid=3999999\n"
      "-a always,user -F pid=3999999 -F msgtype=USER_CMD\n"
      "-a never,user -F uid=3999999\n"
      "-a always,exclude -F msgtype=CRYPTO_KEY_USER -F pid=3999999\n"
      "-a never,filesystem -F fstype=tracefs -k sightline-test-3\n"
      "-w /etc/hosts -k sightline-test-4\n"
      "-w /etc -p x\n");
  const std::size_t count = wished.size();
  KernelRules rules = loader();
  const auto loaded = rules.load(std::move(wished), {});
  ASSERT_TRUE(loaded);
  for (const auto& refused : loaded->refused) ADD_FAILURE() << refused.rule->text << ": " << refused.why;
  EXPECT_THAT(loaded->added, SizeIs(count));
  for (const MissingRule& missing : *rules.missing()) ADD_FAILURE() << "not found again: " << missing.rule->text;
  const auto restored = rules.restore();
  ASSERT_TRUE(restored);
  EXPECT_EQ(restored->removed, count);
}

TEST_F(RealKernel, PublishedRuleSetsLoadAsAuditctlLoadsThem) {
  SIGHTLINE_NEEDS_CORPUS("audit/rules");
  if (!found().empty()) GTEST_SKIP() << "NOT TESTED: this host has rules, which auditctl would mix with";
  if (!std::filesystem::exists("/usr/sbin/auditctl"))
    GTEST_SKIP() << "NOT TESTED: there is no auditctl to compare with";
  std::vector<std::filesystem::path> sets;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(testing::corpora() / "audit" / "rules")) {
    if (entry.path().extension() == ".rules") sets.push_back(entry.path());
  }
  std::ranges::sort(sets);
  std::size_t compared = 0;
  for (const std::filesystem::path& set : sets) {
    SCOPED_TRACE(set);
    RuleFiles files;
    ASSERT_TRUE(read_rule_file(set, files));
    drop_rules_with_unknown_calls(files);
    const std::vector<PackedRule> theirs = listed_by_auditctl(set);
    KernelRules rules = loader();
    const auto loaded = rules.load(std::move(files.rules), {});
    ASSERT_TRUE(loaded) << loaded.error().message;
    for (const AuditRule* rule : loaded->added) ADD_FAILURE() << "auditctl does not load " << rule->text;
    std::vector<PackedRule> ours;
    for (const AuditRule* rule : loaded->respected) ours.push_back(rule->packed);
    std::ranges::stable_sort(ours, {}, &PackedRule::list);
    EXPECT_TRUE(ours == theirs);
    compared += theirs.size();
    ASSERT_TRUE(rules.restore());
    for (const PackedRule& rule : theirs) ASSERT_TRUE(kernel().remove(rule));
  }
  EXPECT_GT(compared, 500U);
  RecordProperty("rules_compared", static_cast<int>(compared));
}

}  // namespace
}  // namespace sightline::agent
