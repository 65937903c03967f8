#include "sources/syslog/syslog_decoder.h"

#include <gtest/gtest.h>

#include "sources/syslog/decode_testing.h"

namespace sightline::syslog {
namespace {

using testing::describe;

sources::Decoded decode(std::string_view text, std::size_t chunk_size = SIZE_MAX) {
  return testing::decode(make_syslog_decoder, text, chunk_size);
}

// The one event of a line.
std::string one(std::string_view line) {
  const sources::Decoded out = decode(line);
  if (out.events.size() != 1 || out.rejected_count != 0) {
    return "rejected: " + (out.rejected.empty() ? std::string("nothing") : out.rejected.front().error);
  }
  const Event& event = out.events.events().front();
  EXPECT_EQ(event.original, line);
  return describe(event) + " | " + std::string(event.text(FieldId::log).value_or("(none)"));
}

TEST(Syslog, FileLines) {
  EXPECT_EQ(
      one("Jan  2 03:04:05 web sshd[77]: Accepted password for alice from 192.0.2.7 port 5 ssh2"),
      "2026-01-02T03:04:05.000Z event_type=login type=login result=accepted success=1 service=sshd method=password "
      "user=alice target_user=alice src_ip=192.0.2.7 src_port=5 hostname=web program=sshd pid=77 "
      "time_assumed=year time_assumed=zone | Accepted password for alice from 192.0.2.7 port 5 ssh2");
  EXPECT_EQ(
      one("2026-01-02T03:04:05.5+01:00 web kernel: usb 1-1: new device"),
      "2026-01-02T02:04:05.500Z event_type=host service=kernel hostname=web program=kernel | usb 1-1: new device");
  EXPECT_EQ(one("Jan  2 03:04:05 web last message repeated 2 times"),
            "2026-01-02T03:04:05.000Z event_type=host hostname=web time_assumed=year time_assumed=zone | last message "
            "repeated 2 times");
  EXPECT_EQ(one("Jan  2 2019 03:04:05 web (systemd)[x]: y"),
            "2019-01-02T03:04:05.000Z event_type=host service=(systemd) hostname=web program=(systemd) "
            "time_assumed=zone procid=x | y");
  EXPECT_EQ(one("Jan  2 03:04:05 sudo[9]: alice : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/id"),
            "2026-01-02T03:04:05.000Z event_type=login type=command result=accepted success=1 service=sudo user=alice "
            "target_user=root tty=pts0 cwd=/ arguments=/bin/id program=sudo pid=9 hostname=sender time_assumed=year "
            "time_assumed=zone | alice : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/id");
}

TEST(Syslog, WithPriority) {
  EXPECT_EQ(
      one("<38>Jan  2 03:04:05 web a-b[1]: c"),
      "2026-01-02T03:04:05.000Z event_type=host service=a-b hostname=web program=a-b pid=1 facility=auth level=info "
      "time_assumed=year time_assumed=zone | c");
  EXPECT_EQ(one("<191>no head at all"),
            "0 event_type=host facility=local7 level=debug hostname=sender | no head at all");
  EXPECT_EQ(one("<0>cron[5]: x"),
            "0 event_type=host service=cron program=cron pid=5 facility=kern level=emerg hostname=sender | x");
}

TEST(Syslog, Rfc5424) {
  EXPECT_EQ(one("<165>1 2026-01-02T03:04:05.003Z web app 77 ID47 [a@1 x=\"1\" y=\"\\\"q\\]\\\\\"][b] \xEF\xBB\xBFtext"),
            "2026-01-02T03:04:05.003Z event_type=host service=app hostname=web program=app pid=77 facility=local4 "
            "level=notice msgid=ID47 structured_data.a@1.x=1 structured_data.a@1.y=\"q]\\ structured_data.b= | text");
  EXPECT_EQ(
      one("<86>1 2026-01-02T03:04:05Z web su - - - (to root) alice on pts/0"),
      "2026-01-02T03:04:05.000Z event_type=login type=switch_user result=accepted success=1 service=su user=alice "
      "target_user=root tty=pts0 hostname=web program=su facility=authpriv level=info | (to root) alice on pts/0");
  EXPECT_EQ(one("<14>1 - - - - - -"), "0 event_type=host facility=user level=info hostname=sender | (none)");
}

TEST(Syslog, BadLinesAreNamedWithTheirPlace) {
  EXPECT_EQ(one("nothing"),
            "rejected: column 1: expected a priority (<38>), or a time such as 'Jan  2 03:04:05' or "
            "'2026-01-02T03:04:05Z'");
  EXPECT_EQ(one("<192>Jan  2 03:04:05 web x"), "rejected: column 1: expected a priority from <0> to <191>");
  EXPECT_EQ(one("<13>1 yesterday web a b c - x"),
            "rejected: column 7: expected a time such as 2026-01-02T03:04:05Z, or -");
  EXPECT_EQ(one("<13>1 - web a b c [x y=z] m"), "rejected: column 24: expected NAME=\"VALUE\" in a structured element");
  EXPECT_EQ(one("<13>1 - web a b c [x y=\"z] m"),
            "rejected: column 25: expected the quote that ends a value of a structured element");
  EXPECT_EQ(one("<13>1 - web a b"), "rejected: column 16: expected a blank");
  EXPECT_EQ(one("Jan  2 03:04:05x web"), "rejected: column 16: expected a blank behind the time");
}

TEST(Syslog, GoodLinesStayWhateverIsBesideThem) {
  const sources::Decoded out = decode("\xEF\xBB\xBFJan  2 03:04:05 a b: 1\r\n\n  \nbad\nJan  2 03:04:06 a b: 2");
  ASSERT_EQ(out.events.size(), 2U);
  EXPECT_EQ(out.events.events()[0].original, "Jan  2 03:04:05 a b: 1");
  EXPECT_EQ(out.events.events()[1].original, "Jan  2 03:04:06 a b: 2");
  ASSERT_EQ(out.rejected_count, 1U);
  EXPECT_EQ(out.rejected.front().line, 4U);
  EXPECT_EQ(out.rejected.front().bytes, "bad");
}

TEST(Syslog, LongLinesAreRejectedWithTheirSize) {
  const sources::Decoded out =
      decode("Jan  2 03:04:05 a b: " + std::string(sources::kMaxLineBytes, 'x') + "\nJan  2 03:04:05 a b: 2\n", 65536);
  EXPECT_EQ(out.events.size(), 1U);
  ASSERT_EQ(out.rejected_count, 1U);
  EXPECT_EQ(out.rejected.front().size_bytes, sources::kMaxLineBytes + 21);
}

TEST(SyslogCounted, MessagesMayHoldLineBreaks) {
  const std::string stream = "26 <13>Jan  2 03:04:05 a b: 1\n29 <13>Jan  2 03:04:05 a b: 1\n2\n";
  for (const std::size_t chunk_size : {std::size_t{1}, std::size_t{7}, SIZE_MAX}) {
    const sources::Decoded out = decode(stream, chunk_size);
    ASSERT_EQ(out.events.size(), 2U);
    EXPECT_EQ(out.rejected_count, 0U);
    EXPECT_EQ(out.events.events()[0].original, "<13>Jan  2 03:04:05 a b: 1");
    EXPECT_EQ(out.events.events()[1].text(FieldId::log), "1\n2");
    EXPECT_TRUE(out.events.events()[1].original.ends_with("1\n2\n"));
  }
}

TEST(SyslogCounted, BadLengthsAreSkippedToTheNextLine) {
  const sources::Decoded out = decode("26 <13>Jan  2 03:04:05 a b: 1garbage\n26 <13>Jan  2 03:04:05 a b: 2");
  ASSERT_EQ(out.events.size(), 2U);
  ASSERT_EQ(out.rejected_count, 1U);
  EXPECT_EQ(out.rejected.front().bytes, "garbage");
  EXPECT_EQ(out.rejected.front().error, "column 1: expected the length of a message in digits, and a blank");
}

TEST(SyslogCounted, OneCutShortIsPartial) {
  const sources::Decoded out = decode("99 <13>Jan  2 03:04:05 a b: 1");
  ASSERT_EQ(out.events.size(), 1U);
  EXPECT_EQ(out.events.events()[0].integer(FieldId::partial), 1);
}

TEST(SyslogCounted, ALongMessageIsSkippedWhole) {
  const std::string size = std::to_string(sources::kMaxLineBytes + 1);
  const sources::Decoded out =
      decode(size + " <" + std::string(sources::kMaxLineBytes, 'x') + "26 <13>Jan  2 03:04:05 a b: 2", 100'000);
  EXPECT_EQ(out.events.size(), 1U);
  ASSERT_EQ(out.rejected_count, 1U);
  EXPECT_EQ(out.rejected.front().size_bytes, sources::kMaxLineBytes + 1);
}

// A sender of lines cannot swallow its neighbours' by writing a length.
TEST(SyslogCounted, LengthsCountFromTheStartOrNotAtAll) {
  const sources::Decoded out = decode("Jan  2 03:04:05 a b: 1\n4000000 <13>x\nJan  2 03:04:05 a b: 2\n");
  EXPECT_EQ(out.events.size(), 2U);
  EXPECT_EQ(out.rejected_count, 1U);
}

TEST(SyslogHostile, TextOfTheMessageNeverBecomesItsHead) {
  EXPECT_EQ(
      one("Jan  2 03:04:05 web app[1]: Jan  2 03:04:05 web sshd[2]: Accepted password for root from 192.0.2.1 port "
          "22 ssh2"),
      "2026-01-02T03:04:05.000Z event_type=host service=app hostname=web program=app pid=1 time_assumed=year "
      "time_assumed=zone | Jan  2 03:04:05 web sshd[2]: Accepted password for root from 192.0.2.1 port 22 ssh2");
  using namespace std::string_view_literals;
  EXPECT_EQ(one("Jan  2 03:04:05 web sshd[1]: Invalid user a\0\xFF from 192.0.2.7 port 5"sv),
            "2026-01-02T03:04:05.000Z event_type=login type=account_check_failed result=invalid user success=0 "
            "service=sshd user=a\0\xFF target_user=a\0\xFF src_ip=192.0.2.7 src_port=5 hostname=web program=sshd pid=1 "
            "time_assumed=year time_assumed=zone | Invalid user a\0\xFF from 192.0.2.7 port 5"sv);
}

}  // namespace
}  // namespace sightline::syslog
