#include "sources/laurel/laurel_decoder.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sources/audit/audit_decoder.h"
#include "sources/audit/decode_testing.h"
#include "sources/decode_testing.h"

namespace sightline::laurel {
namespace {

sources::Decoded decode(std::string_view text, std::size_t chunk_size = SIZE_MAX) {
  const auto decoder = make_laurel_decoder({.agent_id = {}, .hostname = "web", .instance_id = {}, .account_id = {}});
  return sources::testing::decode(*decoder, text, chunk_size);
}

// Fields and attributes in no particular order.
std::vector<std::string> items_of(const sources::Decoded& out) {
  EXPECT_EQ(out.events.size(), 1U);
  if (out.events.empty()) return {};
  std::string text = audit::testing::dump(out.events.events().front());
  text.resize(text.size() - out.events.events().front().original.size());
  std::vector<std::string> items;
  while (!text.empty()) {
    items.push_back(text.substr(0, text.find('\n')));
    text.erase(0, text.find('\n') + 1);
  }
  std::ranges::sort(items);
  return items;
}

void expect_same_event(std::string_view native, std::string_view laurel) {
  const sources::Decoded from_audit = audit::testing::decode(
      native, SIZE_MAX, {.agent_id = {}, .hostname = "web", .instance_id = {}, .account_id = {}});
  const sources::Decoded from_laurel = decode(laurel);
  EXPECT_EQ(from_laurel.rejected_count, 0U);
  EXPECT_EQ(items_of(from_laurel), items_of(from_audit));
}

TEST(Laurel, AStartIsTheSameEventAsItsNativeRecords) {
  expect_same_event(
      "type=SYSCALL msg=audit(1600362902.289:101): arch=c000003e syscall=59 success=yes exit=0 a0=55c0 a1=7ffe a2=12 "
      "a3=8 "
      "items=2 ppid=10 pid=11 auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=(none) ses=3 "
      "comm=\"cat\" exe=\"/usr/bin/cat\" subj=unconfined key=\"k\"\x1d"
      "ARCH=x86_64 SYSCALL=execve AUID=\"alice\" UID=\"root\" GID=\"root\" EUID=\"root\"\n"
      "type=EXECVE msg=audit(1600362902.289:101): argc=3 a0=\"cat\" a1=2F746D702F612062 a2=FF25\n"
      "type=CWD msg=audit(1600362902.289:101): cwd=\"/root\"\n"
      "type=PATH msg=audit(1600362902.289:101): item=0 name=\"/usr/bin/cat\" inode=7 dev=fd:01 mode=0100755 ouid=0 "
      "ogid=0 "
      "rdev=00:00 nametype=NORMAL cap_fp=0 cap_frootid=0\n"
      "type=PATH msg=audit(1600362902.289:101): item=1 name=\"/lib64/ld.so\" inode=8 dev=fd:01 mode=0100755 ouid=0 "
      "ogid=0 "
      "rdev=00:00 nametype=NORMAL cap_fp=0 cap_frootid=0\n"
      "type=PROCTITLE msg=audit(1600362902.289:101): proctitle=636174002F746D702F612062\n",
      R"x({"ID":"1600362902.289:101","SYSCALL":{"arch":"0xc000003e","syscall":59,"success":"yes","exit":0,"items":2,)x"
      R"x("ppid":10,"pid":11,"auid":1000,"uid":0,"gid":0,"euid":0,"suid":0,"fsuid":0,"egid":0,"sgid":0,"fsgid":0,)x"
      R"x("tty":"(none)","ses":3,"comm":"cat","exe":"/usr/bin/cat","subj":"unconfined","key":"k","ARCH":"x86_64",)x"
      R"x("SYSCALL":"execve","AUID":"alice","UID":"root","GID":"root","EUID":"root","ARGV":["0x55c0","0x7ffe","0x12",)x"
      R"x("0x8"]},"EXECVE":{"argc":3,"ARGV":["cat","/tmp/a b","%ff%25"]},"CWD":{"cwd":"/root"},"PATH":[{"item":0,)x"
      R"x("name":"/usr/bin/cat","inode":7,"dev":"fd:01","mode":"0o100755","ouid":0,"ogid":0,"rdev":"00:00",)x"
      R"x("nametype":"NORMAL","cap_fp":"0x0","cap_frootid":"0"},{"item":1,"name":"/lib64/ld.so","inode":8,"dev":"fd:01",)x"
      R"x("mode":"0o100755","ouid":0,"ogid":0,"rdev":"00:00","nametype":"NORMAL","cap_fp":"0x0","cap_frootid":"0"}],)x"
      R"x("PROCTITLE":{"ARGV":["cat","/tmp/a b"]}})x"
      "\n");
}

TEST(Laurel, AConnectionIsTheSameEventAsItsNativeRecords) {
  expect_same_event(
      "node=db type=SYSCALL msg=audit(1600362902.289:102): arch=c000003e syscall=42 success=no exit=-115 a0=3 a1=7ffe "
      "a2=10 a3=0 items=0 ppid=10 pid=11 auid=4294967295 uid=1000 gid=1000 euid=1000 tty=pts0 ses=4294967295 "
      "comm=\"curl\" "
      "exe=\"/usr/bin/curl\" key=(null)\n"
      "node=db type=SOCKADDR msg=audit(1600362902.289:102): saddr=02000050A9FEA9FE0000000000000000\n",
      R"({"ID":"1600362902.289:102","NODE":"db","SYSCALL":{"arch":"0xc000003e","syscall":42,"success":"no","exit":-115,)"
      R"("items":0,"ppid":10,"pid":11,"auid":4294967295,"uid":1000,"gid":1000,"euid":1000,"tty":"pts0",)"
      R"("ses":4294967295,"comm":"curl","exe":"/usr/bin/curl","key":null,"ARGV":["0x3","0x7ffe","0x10","0x0"]},)"
      R"("SOCKADDR":[{"saddr":"%02%00%00P%a9%fe%a9%fe%00%00%00%00%00%00%00%00"}]})"
      "\n");
}

TEST(Laurel, ALoginIsTheSameEventAsItsNativeRecord) {
  const std::string native =
      "type=USER_LOGIN msg=audit(1600362902.289:103): pid=7 uid=0 auid=1000 ses=4 msg='op=login acct=\"alice\" "
      "exe=\"/usr/sbin/sshd\" hostname=192.0.2.7 addr=192.0.2.7 terminal=/dev/pts/0 res=success'\n";
  const std::string fields =
      R"("op":"login","acct":"alice","exe":"/usr/sbin/sshd","hostname":"192.0.2.7","addr":"192.0.2.7",)"
      R"("terminal":"/dev/pts/0","res":"success")";
  const std::string head = R"({"ID":"1600362902.289:103","USER_LOGIN":[{"pid":7,"uid":0,"auid":1000,"ses":4,)";
  expect_same_event(native, head + fields + "}]}");
  expect_same_event(native, head + "\"msg\":{" + fields + "}}]}");
}

TEST(Laurel, AdditionsAreKept) {
  const sources::Decoded out = decode(
      R"({"ID":"1600362902.289:104","SYSCALL":{"syscall":59,"success":"yes","key":["a","b"],"PPID":{"exe":"/bin/sh",)"
      R"("comm":"sh"},"LABELS":["x","y"]},"EXECVE":{"argc":2,"ARGV_STR":"ls -l"},"CONTAINER_INFO":{"id":"c1"},)"
      R"("PARENT_INFO":{"ID":"1.2:3","exe":"/bin/other","ppid":1}})");
  ASSERT_EQ(out.events.size(), 1U);
  const Event& event = out.events.events().front();
  EXPECT_EQ(event.text(FieldId::parent_exe), "/bin/other");
  EXPECT_EQ(event.text(FieldId::container_id), "c1");
  EXPECT_EQ(event.text(FieldId::arguments), "ls -l");
  EXPECT_EQ(audit::testing::texts(event, FieldId::key), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(audit::testing::attributes(event, "SYSCALL.PPID.comm"), std::vector<std::string>{"sh"});
  EXPECT_EQ(audit::testing::attributes(event, "LABELS"), (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(audit::testing::attributes(event, "PARENT_INFO.ppid"), std::vector<std::string>{"1"});
}

// A program named like a null value, like hexadecimal or like a name of the daemon's is still that program.
TEST(LaurelHostile, TextStaysText) {
  for (const std::string_view name : {"(null)", "(none)", "2F62696E", "unset", "\\\"", "a=b key=x"}) {
    const sources::Decoded out =
        decode(R"({"ID":"1.002:3","SYSCALL":{"syscall":1,"comm":")" + std::string(name) + "\"}}");
    ASSERT_EQ(out.events.size(), 1U) << name;
    EXPECT_EQ(out.events.events()[0].text(FieldId::comm), name == "\\\"" ? "\"" : name);
    EXPECT_EQ(out.events.events()[0].find(FieldId::key), nullptr);
  }
}

TEST(Laurel, BadLinesDoNotTouchTheirNeighbours) {
  const std::string good = R"({"ID":"1600362902.289:105","CWD":{"cwd":"/"}})";
  const sources::Decoded out = decode(good + "\n{\n[]\n{\"ID\":\"x\",\"CWD\":{}}\n{\"ID\":\"1.002:3\"}\n\n" + good, 5);
  ASSERT_EQ(out.events.size(), 2U);
  EXPECT_EQ(out.events.events()[1].original, good);
  ASSERT_EQ(out.rejected_count, 4U);
  EXPECT_EQ(out.rejected[1].error, "expected a JSON object");
  EXPECT_EQ(out.rejected[2].line, 4U);
  EXPECT_EQ(out.rejected[2].error, "expected an ID such as \"1626611363.720:348501\" in the object");
  EXPECT_EQ(out.rejected[3].error, "expected at least one audit record (SYSCALL, PATH, …) in the object");
}

}  // namespace
}  // namespace sightline::laurel
