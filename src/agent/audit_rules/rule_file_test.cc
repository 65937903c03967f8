#include "agent/audit_rules/rule_file.h"

#include <gmock/gmock.h>
#include <libaudit.h>

#include <array>
#include <cstring>
#include <fstream>
#include <map>

#include "agent/audit_rules/libaudit_mistakes.h"
#include "agent/audit_rules/rule_line.h"
#include "testing/corpora.h"
#include "testing/temporary_directory.h"

namespace sightline::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

RuleFiles read(std::string_view text) {
  RuleFiles files;
  read_rules(text, "f", files);
  return files;
}

audit_rule_data header(const PackedRule& rule) {
  audit_rule_data data;
  std::memcpy(&data, rule.bytes().data(), sizeof data);
  return data;
}

std::string texts(const PackedRule& rule) { return rule.bytes().substr(sizeof(audit_rule_data)); }

// The one rule of a line that is right.
PackedRule rule_of(std::string_view line) {
  RuleFiles files = read(line);
  for (const RuleProblem& problem : files.problems) ADD_FAILURE() << to_string(problem);
  EXPECT_THAT(files.rules, SizeIs(1)) << line;
  if (files.rules.empty()) throw std::runtime_error("no rule");
  return files.rules[0].packed;
}

bool has_call(const PackedRule& rule, unsigned call) { return (header(rule).mask[call / 32] >> (call % 32) & 1U) != 0; }

TEST(RuleLine, Words) {
  std::vector<std::string> words;
  std::vector<std::size_t> columns;
  for (const RuleWord& word : split_rule_line("  -w\t/a\\ b\\\\c\\d \"e f\" ")) {
    words.push_back(word.text);
    columns.push_back(word.column);
  }
  EXPECT_THAT(words, ElementsAre("-w", "/a b\\c\\d", "\"e", "f\""));
  EXPECT_THAT(columns, ElementsAre(3, 6, 17, 20));
  EXPECT_THAT(split_rule_line("   # -w /a"), IsEmpty());
  EXPECT_THAT(split_rule_line(" \t "), IsEmpty());
}

TEST(RuleFile, ARuleComesWithItsPlaceAndText) {
  const RuleFiles files = read("# why\n\n  -w /etc/hosts -p wa -k hosts\r\n-a always,exit -F arch=b64 -S sync");
  ASSERT_THAT(files.rules, SizeIs(2));
  EXPECT_EQ(files.rules[0].file, "f");
  EXPECT_EQ(files.rules[0].line, 3U);
  EXPECT_EQ(files.rules[0].text, "  -w /etc/hosts -p wa -k hosts");
  EXPECT_EQ(files.rules[1].line, 4U);
  EXPECT_THAT(files.problems, IsEmpty());
}

TEST(RuleFile, ListAndActionInBothOrders) {
  EXPECT_EQ(rule_of("-a always,exit -F pid=1"), rule_of("-a exit,always -F pid=1"));
  const auto never = header(rule_of("-a never,user -F uid=0"));
  EXPECT_EQ(never.flags, static_cast<unsigned>(AUDIT_FILTER_USER));
  EXPECT_EQ(never.action, static_cast<unsigned>(AUDIT_NEVER));
  EXPECT_EQ(rule_of("-a task,never").list(), static_cast<unsigned>(AUDIT_FILTER_TASK));
  EXPECT_EQ(rule_of("-a exclude,always -F msgtype=CWD").list(), static_cast<unsigned>(AUDIT_FILTER_EXCLUDE));
  EXPECT_EQ(rule_of("-a never,filesystem -F fstype=tracefs").list(), static_cast<unsigned>(AUDIT_FILTER_FS));
}

TEST(RuleFile, ForTheFrontOrTheEnd) {
  const PackedRule front = rule_of("-A always,exit -F pid=1");
  EXPECT_TRUE(front.at_front());
  EXPECT_FALSE(rule_of("-a always,exit -F pid=1").at_front());
  EXPECT_EQ(front, rule_of("-a always,exit -F pid=1"));
  EXPECT_NE(front.bytes_to_add(), front.bytes());
  EXPECT_TRUE(PackedRule::from_bytes(front.bytes_to_add())->at_front());
}

TEST(RuleFile, SystemCalls) {
  const PackedRule rule = rule_of("-a always,exit -F arch=b64 -S open,close -S 59");
  EXPECT_TRUE(has_call(rule, 2) && has_call(rule, 3) && has_call(rule, 59));
  EXPECT_FALSE(has_call(rule, 1));
  EXPECT_TRUE(has_call(rule_of("-a always,exit -F arch=b32 -S execve"), 11));
  const PackedRule all = rule_of("-a always,exit -S all -F pid=1");
  EXPECT_TRUE(has_call(all, 0) && has_call(all, 2031));
  EXPECT_FALSE(has_call(all, 2032));
  EXPECT_EQ(all, rule_of("-a always,exit -F pid=1"));
}

TEST(RuleFile, UnknownSystemCallsAreLeftOut) {
  const RuleFiles files =
      read("-a always,exit -F arch=b64 -S open,nonesuch,close -k a\n-a always,exit -S nonesuch -k a");
  ASSERT_THAT(files.rules, SizeIs(1));
  EXPECT_TRUE(has_call(files.rules[0].packed, 2) && has_call(files.rules[0].packed, 3));
  ASSERT_THAT(files.problems, SizeIs(2));
  EXPECT_EQ(to_string(files.problems[0]),
            "f:1:31: error: left out, as libaudit knows no such system call: nonesuch; expected names of ausyscall(8), "
            "numbers or all");
  EXPECT_THAT(to_string(files.problems[1]), HasSubstr("f:2: error: none of its system calls is known"));
}

TEST(RuleFile, Operators) {
  constexpr std::array<std::pair<const char*, unsigned>, 8> kOperators = {{{"=", AUDIT_EQUAL},
                                                                           {"!=", AUDIT_NOT_EQUAL},
                                                                           {">", AUDIT_GREATER_THAN},
                                                                           {">=", AUDIT_GREATER_THAN_OR_EQUAL},
                                                                           {"<", AUDIT_LESS_THAN},
                                                                           {"<=", AUDIT_LESS_THAN_OR_EQUAL},
                                                                           {"&", AUDIT_BIT_MASK},
                                                                           {"&=", AUDIT_BIT_TEST}}};
  for (const auto& [text, code] : kOperators) {
    const auto data = header(rule_of(std::string("-a always,exit -F a1") + text + "7"));
    EXPECT_EQ(data.fields[0], static_cast<unsigned>(AUDIT_ARG1));
    EXPECT_EQ(data.fieldflags[0], code) << text;
    EXPECT_EQ(data.values[0], 7U);
  }
}

TEST(RuleFile, Comparisons) {
  const auto data = header(rule_of("-a always,exit -C uid!=euid -C auid=obj_uid"));
  EXPECT_EQ(data.fields[0], static_cast<unsigned>(AUDIT_FIELD_COMPARE));
  EXPECT_EQ(data.values[0], static_cast<unsigned>(AUDIT_COMPARE_UID_TO_EUID));
  EXPECT_EQ(data.fieldflags[0], static_cast<unsigned>(AUDIT_NOT_EQUAL));
  EXPECT_EQ(data.values[1], static_cast<unsigned>(AUDIT_COMPARE_AUID_TO_OBJ_UID));
}

TEST(RuleFile, Keys) {
  EXPECT_THAT(rule_of("-w /etc/hosts -k a -k b").keys(), ElementsAre("a", "b"));
  EXPECT_THAT(rule_of("-a always,exit -F arch=b64 -F key=x -S open").keys(), ElementsAre("x"));
  EXPECT_THAT(rule_of("-a always,exit -F path=/etc/hosts -k k").keys(), ElementsAre("k"));
  EXPECT_THAT(rule_of("-a always,exit -F pid=1").keys(), IsEmpty());
  EXPECT_THAT(rule_of("-w /etc/hosts -k " + std::string(256, 'k')).keys(), ElementsAre(std::string(256, 'k')));
}

TEST(RuleFile, Watches) {
  const testing::TemporaryDirectory directory;
  const std::string path = directory.path().string();
  const PackedRule folder = rule_of("-w " + path + "/// -p wa");
  EXPECT_EQ(header(folder).fields[0], static_cast<unsigned>(AUDIT_DIR));
  EXPECT_EQ(header(folder).values[1], static_cast<unsigned>(AUDIT_PERM_WRITE | AUDIT_PERM_ATTR));
  EXPECT_EQ(texts(folder), path);
  const PackedRule file = rule_of("-w " + path + "/not\\ there");
  EXPECT_EQ(header(file).fields[0], static_cast<unsigned>(AUDIT_WATCH));
  EXPECT_EQ(header(file).values[1], 15U);
  EXPECT_EQ(texts(file), path + "/not there");
  EXPECT_EQ(file, rule_of("-a always,exit -F path=" + path + "/not\\ there -F perm=rwxa"));
}

TEST(RuleFile, Settings) {
  const RuleFiles files = read("-b 320\n-b 8192 -f 2\n-e 2\n-r 0x10\n--backlog_wait_time 60000\n-i\n-c\n");
  EXPECT_THAT(files.problems, IsEmpty());
  EXPECT_EQ(files.settings.backlog_limit, 8192U);
  EXPECT_EQ(files.settings.failure, 2U);
  EXPECT_EQ(files.settings.enabled, 2U);
  EXPECT_EQ(files.settings.rate_limit, 16U);
  EXPECT_EQ(files.settings.backlog_wait_time, 60000U);
  EXPECT_EQ(read("--backlog_wait_time=5").settings.backlog_wait_time, 5U);
  EXPECT_EQ(read("-b64").settings.backlog_limit, 64U);
  EXPECT_FALSE(read("").settings.enabled.has_value());
}

TEST(RuleFile, DeletionsTakeBackWhatWasReadBefore) {
  const std::string three = "-w /etc/a -p w -k a\n-w /etc/b -p w -k b\n-w /etc/c -p w -k b\n";
  EXPECT_THAT(read(three + "-D").rules, IsEmpty());
  EXPECT_THAT(read("-D\n" + three).rules, SizeIs(3));
  EXPECT_THAT(read(three + "-D -k b").rules, SizeIs(1));
  EXPECT_THAT(read(three + "-W /etc/b -p w -k b").rules, SizeIs(2));
  EXPECT_THAT(read(three + "-d always,exit -F path=/etc/b -F perm=w -F key=b").rules, SizeIs(2));
  const RuleFiles files = read(three + "-W /etc/other -p w");
  EXPECT_THAT(files.rules, SizeIs(3));
  ASSERT_THAT(files.problems, SizeIs(1));
  EXPECT_EQ(to_string(files.problems[0]),
            "f:4: note: deletes no rule read before it; what the kernel has already is left alone");
}

TEST(RuleFile, OneRuleTwiceIsOne) {
  const RuleFiles files = read("-w /etc/a -p w\n-a always,exit -F path=/etc/a -F perm=w");
  EXPECT_THAT(files.rules, SizeIs(1));
  ASSERT_THAT(files.problems, SizeIs(1));
  EXPECT_EQ(to_string(files.problems[0]), "f:2: note: the same rule as in line 1 of f");
}

TEST(RuleFile, WhatIsReadAndNotDone) {
  for (const std::string line :
       {"-q /mnt,/srv", "-t", "--loginuid-immutable", "--reset-lost", "--reset_backlog_wait_time_actual", "-l", "-s",
        "-v", "-h", "-m text", "--signal stop"}) {
    const RuleFiles files = read(line);
    EXPECT_THAT(files.rules, IsEmpty());
    ASSERT_THAT(files.problems, SizeIs(1)) << line;
    EXPECT_EQ(files.problems[0].kind, RuleProblem::Kind::note) << line;
  }
  EXPECT_THAT(to_string(read("--reset-lost").problems[0]), HasSubstr("is not carried out: it could not be undone"));
  EXPECT_THAT(to_string(read("-w /a -k \"x\"").problems[0]), HasSubstr("f:1:10: note: quotation marks are part"));
  EXPECT_THAT(to_string(read("-a always,exit -S open").problems[0]), HasSubstr("have other numbers for 32-bit"));
  EXPECT_THAT(read("-a always,exit -S 5").problems, IsEmpty());
}

// A line, and what is said about it; a good rule before and behind loads nevertheless.
void expect_mistakes(const std::vector<std::pair<std::string, std::string>>& cases) {
  for (const auto& [line, message] : cases) {
    const RuleFiles files = read("-w /etc/first -p w\n" + line + "\n-w /etc/last -p w\n");
    EXPECT_THAT(files.rules, SizeIs(2)) << line;
    ASSERT_THAT(files.problems, SizeIs(1)) << line;
    EXPECT_EQ(files.problems[0].kind, RuleProblem::Kind::error) << line;
    EXPECT_THAT(to_string(files.problems[0]), HasSubstr(message));
  }
}

TEST(RuleFile, MistakesInListsAndFields) {
  expect_mistakes({
      {"-a always", "f:2:4: error: always is not a list and an action; expected a list ("},
      {"-a always,never", "is not a list and an action"},
      {"-a always,entry -S open", "hint: the kernel has no entry list any more"},
      {"-a possible,exit -S open", "the action possible is gone"},
      {"-a always,exit -a always,exit", "f:2:19: error: a second list or watch; expected one rule a line"},
      {"-w /a -w /b", "a watch beside a list or a second watch"},
      {"-a always,exit -w /b", "a watch beside a list or a second watch"},
      {"-a", "f:2:1: error: -a has no argument"},
      {"-a always,exit -S", "-S has no argument"},
      {"-a always,exit -S ,", "-S without a system call"},
      {"-a always,exit -S 2032", "2032 is not the number of a system call; expected at most 2031"},
      {"-a always,exit -S 59x", "59x is not the number of a system call"},
      {"-a always,user -S open", "system calls in a rule of another list than exit"},
      {"-S open -a never,task", "never,task after system calls"},
      {"-S open", "f:2: error: no list and no watch"},
      {"-F pid=1", "a field without a list"},
      {"-C uid=euid", "a comparison without a list"},
      {"-a always,exit -S open -F arch=b64", "arch=b64 comes too late"},
      {"-a always,exit -F arch=vax", "arch=vax names no"},
      {"-a always,exit -F arch>b64", "arch>b64 has an operator that this field does not take"},
      {"-a always,exit -F nonesuch=1", "f:2:19: error: nonesuch=1 has an unknown field"},
      {"-a always,exit -F pid", "pid has no operator"},
      {"-a always,exit -F pid=", "pid= has no value"},
      {"-a always,exit -F =1", "=1 has no field"},
      {"-a always,exit -F pid=x", "pid=x has a value that is not a number"},
      {"-a always,exit -F uid=no-such-user", "uid=no-such-user names a user this host does not have"},
      {"-a always,exit -F gid=no-such-group", "gid=no-such-group names a group this host does not have"},
      {"-a always,exit -F exit=EWHAT", "exit=EWHAT has an unknown error name"},
      {"-a always,exit -F filetype=x", "filetype=x has an unknown file type"},
      {"-a always,exit -F msgtype=CWD", "msgtype=CWD does not fit the list"},
      {"-a always,exclude -F msgtype=WHAT", "msgtype=WHAT has an unknown record type"},
      {"-a always,exclude -F path=/a", "path=/a does not fit"},
      {"-a always,task -F path=/a", "path=/a does not fit the list; expected a rule of the exit list"},
      {"-a always,exit -F perm=rq", "perm=rq has an unknown permission"},
      {"-a always,exit -F perm!=r", "perm!=r has an operator that this field does not take"},
      {"-a never,filesystem -F fstype=nofs", "fstype=nofs has an unknown file system"},
      {"-a always,exit -C uid=gid", "uid=gid compares what the kernel does not"},
      {"-a always,exit -C uid", "uid has"},
      {"-a always,exit -C =uid", "=uid has no field"},
      {"-a always,exit -C uid=", "uid= has nothing to compare with"},
      {"-a always,exit -C uid=x", "uid=x has an unknown field on the right"},
  });
}

TEST(RuleFile, OtherMistakes) {
  const std::string too_long(257, 'k');
  expect_mistakes({
      {"-w etc/passwd", "f:2:4: error: etc/passwd is not an absolute path"},
      {"-w /" + std::string(256, 'x'), "the path is too long"},
      {"-p wa", "permissions without a watch"},
      {"-w /a -p wq", "wq has an unknown permission; expected letters of r, w, x and a"},
      {"-w /a -p rwxar", "rwxar is not a set of permissions"},
      {"-k x -w /a", "the key names nothing yet"},
      {"-a always,user -F uid=0 -k x", "the key names nothing yet"},
      {"-w /a -k " + too_long, "the keys are too long; expected at most 256 bytes"},
      {"-a always,exit -S open -F key=", "an empty key"},
      {"-w /a -k x # a remark", "hint: write a space within a word"},
      {"-w \"/a b\"", "\"/a is not an absolute path"},
      {"nonsense", "nonsense belongs to no option"},
      {"-", "- belongs to no option"},
      {"--nonesuch", "--nonesuch is no option of a rule file"},
      {"-z", "-z is no option of a rule file"},
      {"-R other.rules", "a rule file in a rule file"},
      {"-e 3", "-e 3; expected a number from 0 to 2"},
      {"-f x", "-f x; expected a number from 0 to 2"},
      {"-b -1", "-b -1; expected a number of at most 32 bits"},
      {"-r 4294967296", "-r 4294967296; expected a number"},
      {"-D -k", "-D among other options"},
      {"-w /a -D", "-D among other options"},
      {"-w /a\x01", "f:2:6: error: byte 0x01; expected text"},
      {std::string("-w /a\0b", 7), "f:2:6: error: byte 0x00; expected text"},
      {"# " + std::string(8200, 'x'), "the line is too long; expected at most 8 KiB"},
  });
}

TEST(RuleFile, RulesFor32BitProgramsAreForMachinesThatHaveThem) {
  EXPECT_TRUE(explain_libaudit(-6, "arch=b32").only_elsewhere);
  EXPECT_FALSE(explain_libaudit(-5, "arch=vax").only_elsewhere);
  EXPECT_FALSE(explain_libaudit(-2, "nonesuch=b32").only_elsewhere);
}

TEST(RuleFile, TooManyFields) {
  std::string line = "-a always,exit";
  for (int i = 0; i < 64; ++i) line += " -F a0=" + std::to_string(i);
  const RuleFiles files = read(line);
  ASSERT_THAT(files.problems, SizeIs(1));
  EXPECT_THAT(to_string(files.problems[0]), HasSubstr("a0=63 is one field too many; expected at most 63"));
}

// libaudit keeps what it saw of a line. The next must not see it.
TEST(RuleFile, ALineLeavesNothingForTheNext) {
  const RuleFiles files = read(
      "-a always,exit -F arch=b32 -S nonesuch\n"
      "-w /etc/a -q\n"
      "-a always,user -F uid=0 -k x\n"
      "-a always,exit -F arch=b64 -S execve\n");
  ASSERT_THAT(files.rules, SizeIs(1));
  EXPECT_TRUE(has_call(files.rules[0].packed, 59));
  EXPECT_THAT(to_string(files.problems.back()), HasSubstr("f:3:28: error: the key names nothing yet"));
}

TEST(RuleFile, Limits) {
  std::string many;
  for (std::size_t i = 0; i <= kMaxRules; ++i) many += "-w /etc/" + std::to_string(i) + " -p w\n";
  const RuleFiles full = read(many);
  EXPECT_THAT(full.rules, SizeIs(kMaxRules));
  ASSERT_THAT(full.problems, SizeIs(1));
  EXPECT_THAT(to_string(full.problems[0]), HasSubstr("too many rules; expected at most 4096"));
  std::string bad;
  for (std::size_t i = 0; i < 2 * kMaxRuleProblems; ++i) bad += "x\n";
  EXPECT_THAT(read(bad).problems, SizeIs(kMaxRuleProblems));
  const RuleFiles large = read(std::string(kMaxRuleFileBytes + 1, '\n'));
  ASSERT_THAT(large.problems, SizeIs(1));
  EXPECT_THAT(to_string(large.problems[0]), HasSubstr("the file is too large"));
}

TEST(RuleFile, SeveralFilesAreOneSet) {
  const testing::TemporaryDirectory directory;
  std::ofstream(directory.path() / "1.rules") << "-w /etc/a -p w\n-b 1\n";
  std::ofstream(directory.path() / "2.rules") << "-w /etc/b -p w\n-w /etc/a -p w\n-b 2\n";
  RuleFiles files;
  ASSERT_TRUE(read_rule_file(directory.path() / "1.rules", files));
  ASSERT_TRUE(read_rule_file(directory.path() / "2.rules", files));
  EXPECT_THAT(files.rules, SizeIs(2));
  EXPECT_EQ(files.settings.backlog_limit, 2U);
  ASSERT_THAT(files.problems, SizeIs(1));
  EXPECT_THAT(to_string(files.problems[0]), HasSubstr("1.rules"));
  EXPECT_EQ(read_rule_file(directory.path() / "3.rules", files).error().code, ErrorCode::not_found);
  EXPECT_EQ(read_rule_file(directory.path(), files).error().code, ErrorCode::invalid_input);
}

TEST(RuleFile, ProblemsArePrintable) {
  const RuleFiles files = read("-w \x1b[2J");
  ASSERT_THAT(files.problems, SizeIs(1));
  EXPECT_EQ(to_string(files.problems[0]).find('\x1b'), std::string::npos);
}

// Rules of a file, and errors and notes in it, here: users and system calls that this host does not know are errors.
TEST(RuleFile, PublishedRuleSets) {
  SIGHTLINE_NEEDS_CORPUS("audit/rules");
  const auto folder = testing::corpora() / "audit" / "rules";
  const std::map<std::string, std::size_t> rules = {
      {"neo23x0.rules", 399},
      {"audit-userspace/30-ospp-v42.rules", 70},
      {"audit-userspace/30-pci-dss-v31.rules", 46},
      {"audit-userspace/30-stig.rules", 52},
      {"audit-userspace/42-injection.rules", 7},
      {"audit-userspace/44-installers.rules", 14},
  };
  for (const auto& [name, at_least] : rules) {
    RuleFiles files;
    ASSERT_TRUE(read_rule_file(folder / name, files)) << name;
    EXPECT_GE(files.rules.size(), at_least) << name;
    for (const RuleProblem& problem : files.problems) {
      if (problem.kind == RuleProblem::Kind::note) continue;
      EXPECT_THAT(
          problem.what,
          ::testing::AnyOf(HasSubstr("this host does not have"), HasSubstr("libaudit knows no such"),
                           HasSubstr("none of its system calls"), HasSubstr("belongs to no option"), HasSubstr("obj=")))
          << to_string(problem);
    }
  }
}

}  // namespace
}  // namespace sightline::agent
