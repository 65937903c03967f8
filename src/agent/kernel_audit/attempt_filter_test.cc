#include "agent/kernel_audit/attempt_filter.h"

#include <gtest/gtest.h>

#include <string>

namespace sightline::agent {
namespace {

using Verdict = AttemptFilter::Verdict;

std::string attempt(const std::string& name, const std::string& key = "\"sightline-absent\"") {
  return "type=SYSCALL msg=audit(1.000:1): syscall=257 success=no exit=-2 key=" + key +
         "\ntype=CWD msg=audit(1.000:1): cwd=\"/root\"\ntype=PATH msg=audit(1.000:1): item=0 name=" + name +
         " nametype=UNKNOWN\n";
}

TEST(AttemptFilter, KeepsWhatMayBeCredentials) {
  AttemptFilter filter;
  for (const char* name : {"\"/home/ubuntu/.aws/credentials\"", "\"credentials\"", "\"/root/.ssh/id_rsa\"",
                           "2F726F6F742F2E617773202F63726564656E7469616C73"}) {
    EXPECT_EQ(filter.judge(attempt(name), 0), Verdict::keep) << name;
  }
  for (const char* name : {"\"/etc/ld.so.preload\"", "\"/usr/share/locale/de/LC_MESSAGES/coreutils.mo\"", "(null)"}) {
    EXPECT_EQ(filter.judge(attempt(name), 0), Verdict::unremarkable) << name;
  }
}

TEST(AttemptFilter, IsAboutItsKeyAlone) {
  AttemptFilter filter;
  EXPECT_EQ(filter.judge(attempt("\"/etc/ld.so.preload\"", "\"sightline-denied\""), 0), Verdict::keep);
  // Nothing that somebody chooses is a key: an argument, a name, an account.
  const std::string start = "type=SYSCALL msg=audit(1.000:1): syscall=59 success=yes key=\"sightline-exec\"\n";
  EXPECT_EQ(filter.judge(start + "type=EXECVE msg=audit(1.000:1): argc=2 a0=\"sh\" a1=\"sightline-absent\"\n", 0),
            Verdict::keep);
  EXPECT_EQ(filter.judge(start + "type=PATH msg=audit(1.000:1): item=0 key=\"sightline-absent\"\n", 0), Verdict::keep);
  EXPECT_EQ(
      filter.judge("type=USER_AUTH msg=audit(1.000:1): msg='acct=\"sightline-absent\" key=\"sightline-absent\"'\n", 0),
      Verdict::keep);
}

TEST(AttemptFilter, ARelativeNameCountsFromTheWorkingDirectory) {
  AttemptFilter filter;
  std::string lines = attempt("\"config\"");
  EXPECT_EQ(filter.judge(lines, 0), Verdict::unremarkable);
  lines.replace(lines.find("\"/root\""), 7, "\"/root/.kube\"");
  EXPECT_EQ(filter.judge(lines, 0), Verdict::keep);
}

TEST(AttemptFilter, HasABudgetThatGrowsAgain) {
  AttemptFilter filter;
  const std::string lines = attempt("\"/root/.aws/credentials\"");
  for (int i = 0; i < AttemptFilter::kBurst; ++i) ASSERT_EQ(filter.judge(lines, 500), Verdict::keep);
  EXPECT_EQ(filter.judge(lines, 900), Verdict::over_budget);
  EXPECT_EQ(filter.judge(lines, 1500), Verdict::keep);
  EXPECT_EQ(filter.judge(lines, 1500), Verdict::over_budget);
  for (int i = 0; i < AttemptFilter::kBurst; ++i) ASSERT_EQ(filter.judge(lines, 10'000'000), Verdict::keep);
  EXPECT_EQ(filter.judge(lines, 10'000'000), Verdict::over_budget);
  // Others go on.
  EXPECT_EQ(filter.judge(attempt("\"x\"", "\"sightline-exec\""), 10'000'000), Verdict::keep);
}

}  // namespace
}  // namespace sightline::agent
