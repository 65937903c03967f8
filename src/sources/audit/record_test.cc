#include "sources/audit/record.h"

#include <gtest/gtest.h>

namespace sightline::audit {
namespace {

std::string show(std::string_view body) {
  std::vector<Field> fields;
  const Body facts = parse_body(body, fields);
  std::string out;
  for (const Field& field : fields) {
    out += std::string(field.key) + (field.quoted ? "~" : "=") + std::string(field.value);
    out += field.enriched ? "^|" : "|";
  }
  if (!facts.text.empty()) out += " text:" + std::string(facts.text);
  if (!facts.message_text.empty()) out += " message:" + std::string(facts.message_text);
  if (facts.cut) out += " cut";
  return out;
}

TEST(RecordHead, OfAuditdsLog) {
  const auto head = parse_head("type=SYSCALL msg=audit(1492037289.295:58): arch=c000003e");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->type, RecordType::syscall);
  EXPECT_EQ(head->type_name, "SYSCALL");
  EXPECT_EQ(head->time_ms, 1492037289295);
  EXPECT_EQ(head->serial, 58u);
  EXPECT_EQ(head->node, "");
  EXPECT_EQ(head->body_offset, std::string_view("type=SYSCALL msg=audit(1492037289.295:58):").size());
}

TEST(RecordHead, WithNodeAndForwardersPrefix) {
  const auto head =
      parse_head("<13>Apr 12 22:48:09 web1 audispd: node=web-1.example type=CWD msg=audit(1.000:2): cwd=\"/\"");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->node, "web-1.example");
  EXPECT_EQ(head->type, RecordType::cwd);
  EXPECT_EQ(head->time_ms, 1000);
}

TEST(RecordHead, KernelLogFormAndNumbersForTypes) {
  const auto kernel = parse_head("audit: type=1400 audit(1524662933.080:61207): apparmor=\"DENIED\"");
  ASSERT_TRUE(kernel);
  EXPECT_EQ(kernel->type, RecordType::avc);
  const auto old = parse_head("type=UNKNOWN[1327] msg=audit(1524662933.080:7): proctitle=6C73");
  ASSERT_TRUE(old);
  EXPECT_EQ(old->type, RecordType::proctitle);
  const auto unheard = parse_head("type=NEWTHING msg=audit(1524662933.080:7): x=1");
  ASSERT_TRUE(unheard);
  EXPECT_EQ(unheard->type, RecordType::unknown);
}

TEST(RecordHead, WithoutColonAsTheDaemonsOwnRecords) {
  EXPECT_TRUE(parse_head("type=DAEMON_CONFIG msg=audit(1490239800.477:34) config changed, auid=0"));
}

struct BadHead {
  const char* line;
  std::size_t column;
  const char* expected;
};

TEST(RecordHead, NamesWhatWasExpectedAndWhere) {
  const BadHead cases[] = {
      {"hello", 1, "type="},
      {"node= type=CWD", 6, "a host name and a blank"},
      {"node=x hello", 8, "type="},
      {"type=SYSCALL", 6, "a record type and a blank"},
      {"type=SYSCALL msg=?", 18, "msg=audit("},
      {"type=SYSCALL msg=audit(", 24, "seconds since 1970, before the year 2262"},
      {"type=SYSCALL msg=audit(-5.000:1):", 24, "seconds since 1970, before the year 2262"},
      {"type=SYSCALL msg=audit(9223372037.000:1):", 24, "seconds since 1970, before the year 2262"},
      {"type=SYSCALL msg=audit(99999999999999999999999.000:1):", 24, "seconds since 1970, before the year 2262"},
      {"type=SYSCALL msg=audit(04/21/2017 05:49:55.844:1):", 26, "a point after the seconds"},
      {"type=SYSCALL msg=audit(1492037289", 34, "a point after the seconds"},
      {"type=SYSCALL msg=audit(1492037289.29:58):", 35, "three digits of milliseconds"},
      {"type=SYSCALL msg=audit(1492037289.295", 38, "a colon after the milliseconds"},
      {"type=SYSCALL msg=audit(1492037289.295:", 39, "the serial number of the event"},
      {"type=SYSCALL msg=audit(1492037289.295:99999999999999999999):", 39, "the serial number of the event"},
      {"type=SYSCALL msg=audit(1492037289.295:58", 41, "a closing parenthesis after the serial number"},
  };
  for (const BadHead& bad : cases) {
    const auto head = parse_head(bad.line);
    ASSERT_FALSE(head) << bad.line;
    EXPECT_EQ(head.error().column, bad.column) << bad.line;
    EXPECT_STREQ(head.error().expected, bad.expected) << bad.line;
  }
}

TEST(RecordBody, PlainAndQuoted) {
  EXPECT_EQ(show(" arch=c000003e comm=\"a b\" exe=2F62 key=(null) mac= x=\"\""),
            "arch=c000003e|comm~a b|exe=2F62|key=(null)|mac=|x~|");
}

TEST(RecordBody, EnrichedPart) {
  EXPECT_EQ(show("uid=0 key=\"k\"\x1d"
                 "ARCH=x86_64 UID=\"root\""),
            "uid=0|key~k|ARCH=x86_64^|UID~root^|");
  EXPECT_EQ(show("saddr=0200\x1dSADDR={ saddr_fam=inet laddr=1.2.3.4 lport=80 } X=1"),
            "saddr=0200|SADDR= saddr_fam=inet laddr=1.2.3.4 lport=80 ^|X=1^|");
}

TEST(RecordBody, ProgramsMessage) {
  EXPECT_EQ(show("pid=1 msg='op=login acct=\"o'neil\" res=success'\x1dUID=\"root\""),
            "pid=1|op=login|acct~o'neil|res=success|UID~root^|");
  EXPECT_EQ(show("pid=1 msg='unit=x comm=\"systemd\" res=success"), "pid=1|unit=x|comm~systemd|res=success| cut");
}

TEST(RecordBody, OldForms) {
  EXPECT_EQ(
      show("user pid=1 msg='PAM: session open acct=root : exe=\"/c\" (hostname=?, addr=?, terminal=cron res=success)'"),
      "pid=1|acct=root|exe~/c|hostname=?|addr=?|terminal=cron|res=success| text:user message:PAM: session open");
  EXPECT_EQ(show("avc:  denied  { read } for  pid=1 tty=(none)"), "pid=1|tty=(none)| text:avc:  denied  { read } for");
}

TEST(RecordBody, CutAndStray) {
  EXPECT_EQ(show("cwd=\"/home/us"), "cwd~/home/us| cut");
  EXPECT_EQ(show("a2=\"x\"' b=1"), "a2~x|b=1|");
  EXPECT_EQ(show("key=6578\""), "key=6578|");
  EXPECT_EQ(show("= =x ==y a={b"), "a={b| text:= =x ==y");
  EXPECT_EQ(show(""), "");
}

TEST(RecordBody, StopsAtTheLimit) {
  std::string body;
  for (std::size_t i = 0; i < kMaxFields + 10; ++i) body += "a=1 ";
  std::vector<Field> fields;
  EXPECT_TRUE(parse_body(body, fields).cut);
  EXPECT_EQ(fields.size(), kMaxFields);
}

}  // namespace
}  // namespace sightline::audit
