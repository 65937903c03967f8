#include "sources/journald/journald_decoder.h"

#include <gtest/gtest.h>

#include "sources/syslog/decode_testing.h"

namespace sightline::journald {
namespace {

using namespace std::string_literals;  // NOLINT
using namespace std::string_view_literals;
using syslog::testing::describe;

sources::Decoded decode(std::string_view text, std::size_t chunk_size = SIZE_MAX) {
  return syslog::testing::decode(make_journald_decoder, text, chunk_size);
}

// The one event of an input, or why there is none.
std::string one(std::string_view text) {
  const sources::Decoded out = decode(text);
  if (out.events.size() != 1) return "rejected: " + (out.rejected.empty() ? "nothing" : out.rejected.front().error);
  const Event& event = out.events.events().front();
  return describe(event) + " | " + std::string(event.text(FieldId::log).value_or("(none)"));
}

constexpr std::string_view kSshd =
    R"({"__REALTIME_TIMESTAMP":"1767323045123456","_BOOT_ID":"b1","_HOSTNAME":"web","_PID":"77","_UID":"0",)"
    R"("_EXE":"/usr/sbin/sshd","PRIORITY":"6","SYSLOG_FACILITY":"4","SYSLOG_IDENTIFIER":"sshd",)"
    R"("MESSAGE":"Accepted password for alice from 192.0.2.7 port 5 ssh2"})";

TEST(JournaldJson, LoginsAndNames) {
  EXPECT_EQ(
      one(kSshd),
      "2026-01-02T03:04:05.123Z event_type=login type=login result=accepted success=1 service=sshd method=password "
      "user=alice target_user=alice src_ip=192.0.2.7 src_port=5 hostname=web pid=77 uid=0 exe=/usr/sbin/sshd "
      "level=info facility=auth program=sshd command=sshd __REALTIME_TIMESTAMP=1767323045123456 _BOOT_ID=b1 | "
      "Accepted password for alice from 192.0.2.7 port 5 ssh2");
}

TEST(JournaldJson, BytesListsAndWhatWasLeftOut) {
  EXPECT_EQ(
      one(R"({"__REALTIME_TIMESTAMP":"1767323045123456","MESSAGE":[97,0,255],"A":["x","y",[98,10]],"B":null,"C":7})"),
      "2026-01-02T03:04:05.123Z event_type=host hostname=sender malformed=B __REALTIME_TIMESTAMP=1767323045123456 "
      "A=x A=y A=b\n C=7 | a\0\xFF"sv);
}

TEST(JournaldJson, BadLinesDoNotTouchTheirNeighbours) {
  const std::string text = "\n" + std::string(kSshd) + "\nnothing\n[1]\n\x1e" + std::string(kSshd);
  for (const std::size_t chunk_size : {std::size_t{1}, SIZE_MAX}) {
    const sources::Decoded out = decode(text, chunk_size);
    ASSERT_EQ(out.events.size(), 2U);
    EXPECT_EQ(out.events.events()[1].original, kSshd);
    ASSERT_EQ(out.rejected_count, 2U);
    EXPECT_EQ(out.rejected[0].line, 3U);
    EXPECT_EQ(out.rejected[1].line, 4U);
    EXPECT_EQ(out.rejected[1].error, "expected a JSON object");
  }
}

TEST(JournaldJson, TextThatIsNotUtf8IsKeptAndSaid) {
  const sources::Decoded out = decode("{\"__REALTIME_TIMESTAMP\":\"1767323045123456\",\"MESSAGE\":\"a\xFF\"}");
  ASSERT_EQ(out.events.size(), 1U);
  EXPECT_EQ(out.events.events()[0].text(FieldId::malformed), "original");
  EXPECT_EQ(out.events.events()[0].text(FieldId::log), "a\xEF\xBF\xBD");
  EXPECT_TRUE(out.events.events()[0].original.ends_with("a\xFF\"}"));
}

TEST(JournaldExport, TextAndBinaryFields) {
  const std::string entry =
      "__REALTIME_TIMESTAMP=1767323045123456\nSYSLOG_IDENTIFIER=app\nMESSAGE\n"
      "\x05\0\0\0\0\0\0\0"
      "a\n\n=b\n"s;
  for (const std::size_t chunk_size : {std::size_t{1}, std::size_t{3}, SIZE_MAX}) {
    const sources::Decoded out = decode(entry + "\n\n" + entry + "\n", chunk_size);
    ASSERT_EQ(out.events.size(), 2U);
    EXPECT_EQ(out.rejected_count, 0U);
    for (const Event& event : out.events.events()) {
      EXPECT_EQ(event.original, entry);
      EXPECT_EQ(event.text(FieldId::log), "a\n\n=b");
      EXPECT_EQ(event.text(FieldId::program), "app");
    }
  }
}

// What looks like the end of an entry inside a message is part of the message.
TEST(JournaldExport, AMessageCannotForgeAnEntry) {
  const std::string fake = "\n\n__REALTIME_TIMESTAMP=1\nSYSLOG_IDENTIFIER=sshd\nMESSAGE=x\n\n";
  const sources::Decoded out =
      decode("__REALTIME_TIMESTAMP=1767323045123456\nMESSAGE\n" + std::string(1, static_cast<char>(fake.size())) +
             std::string(7, '\0') + fake + "\n\n");
  ASSERT_EQ(out.events.size(), 1U);
  EXPECT_EQ(out.events.events()[0].text(FieldId::log), fake);
}

TEST(JournaldExport, BadEntriesAreNamedWithTheirPlace) {
  const sources::Decoded out = decode("MESSAGE=a\n\nlower=b\n\nMESSAGE=c\n\n");
  EXPECT_EQ(out.events.size(), 2U);
  ASSERT_EQ(out.rejected_count, 1U);
  EXPECT_EQ(out.rejected[0].line, 3U);
  EXPECT_EQ(out.rejected[0].error, "byte 1 of the entry: expected the name of a field, in capitals");
}

TEST(JournaldExport, AnEntryCutShortIsPartial) {
  const sources::Decoded out = decode("MESSAGE=a\nPRIO");
  ASSERT_EQ(out.events.size(), 1U);
  EXPECT_EQ(out.events.events()[0].integer(FieldId::partial), 1);
  EXPECT_EQ(decode("MESSAGE").rejected_count, 1U);
}

TEST(JournaldExport, ALongEntryIsSkippedWhole) {
  const std::uint32_t size = sources::kMaxLineBytes;
  std::string length;
  for (int i = 0; i < 4; ++i) length.push_back(static_cast<char>(size >> (8 * i)));
  const sources::Decoded out =
      decode("MESSAGE\n" + length + std::string(4, '\0') + std::string(size, '\n') + "\n\nMESSAGE=b\n\n", 100'000);
  ASSERT_EQ(out.events.size(), 1U);
  EXPECT_EQ(out.events.events()[0].text(FieldId::log), "b");
  ASSERT_EQ(out.rejected_count, 1U);
  EXPECT_EQ(out.rejected[0].size_bytes, size + 17U);
}

std::string message_of(std::string_view fields) {
  return one("__REALTIME_TIMESTAMP=1767323045123456\nSYSLOG_IDENTIFIER=sshd\n" + std::string(fields) +
             "MESSAGE=Invalid user a from 192.0.2.7 port 5\n\n");
}

TEST(JournaldHostile, AUsersProgramIsNotSshd) {
  for (const std::string_view fields :
       {"_UID=1000\n_EXE=/usr/bin/logger\n", "_UID=1000\n_EXE=/tmp/sshd\n", "_EXE=/home/m/usr/sshd\n"}) {
    const std::string event = message_of(fields);
    EXPECT_TRUE(event.contains("event_type=host")) << event;
    EXPECT_TRUE(event.contains("imitated_program=sshd")) << event;
    EXPECT_FALSE(event.contains("src_ip")) << event;
  }
  for (const std::string_view fields :
       {"", "_UID=0\n", "_UID=0\n_EXE=/usr/bin/logger\n", "_UID=105\n_EXE=/usr/lib/openssh/sshd-session\n"}) {
    EXPECT_TRUE(message_of(fields).contains("src_ip=192.0.2.7")) << fields;
  }
}

}  // namespace
}  // namespace sightline::journald
