#include "sources/formats/detect.h"

#include <gtest/gtest.h>

namespace sightline::sources {
namespace {

std::string_view detected(std::string_view beginning) {
  const auto format = detect_format(beginning);
  return format ? to_string(*format) : "none";
}

TEST(DetectFormat, ByTheFirstLine) {
  EXPECT_EQ(detected("\n\ntype=SYSCALL msg=audit(1600362902.289:1): arch=c000003e\nJan"), "auditd");
  EXPECT_EQ(detected("node=web type=CWD msg=audit(1600362902.289:1): cwd=\"/\"\r\n"), "auditd");
  EXPECT_EQ(detected("----\ntime->Thu Sep 17 17:15:02 2020\n"), "auditd");
  EXPECT_EQ(detected("Jan  2 03:04:05 web audispd: node=web type=CWD msg=audit(1600362902.289:1): cwd=\"/\"\n"),
            "auditd");
  EXPECT_EQ(detected("Jan  2 03:04:05 web kernel: audit(1118.420:0): initialized\n"), "syslog");
  EXPECT_EQ(detected("Jan  2 03:04:05 web sshd[7]: x"), "syslog");
  EXPECT_EQ(detected("2026-01-02T03:04:05+01:00 web x: y"), "syslog");
  EXPECT_EQ(detected("\xEF\xBB\xBF<13>x"), "syslog");
  EXPECT_EQ(detected("27 <13>1 - - - - - -"), "syslog");
  EXPECT_EQ(detected("__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1\n"), "journald");
}

TEST(DetectFormat, OfJson) {
  EXPECT_EQ(detected("\x1e{\"MESSAGE\":\"x\"}"), "journald");
  EXPECT_EQ(detected(R"({"MESSAGE":"x","__REALTIME_TIMESTAMP":"1"})"), "journald");
  EXPECT_EQ(detected(R"({"ID":"1626611363.720:348501","SYSCALL":{}})"), "laurel");
  EXPECT_EQ(detected(R"({"ID":"7","name":"x"})"), "ndjson");
  EXPECT_EQ(detected("{\n  \"Records\": [\n"), "cloudtrail");
  EXPECT_EQ(detected(R"([{"eventVersion":"1.08","eventSource":"s3.amazonaws.com"}])"), "cloudtrail");
  EXPECT_EQ(detected(R"({"kind":"Event","apiVersion":"audit.k8s.io/v1"})"), "kubernetes");
  EXPECT_EQ(detected("{\n  \"Event\": {\n \"System\": {\"EventID\": 1}}}"), "winevent");
  EXPECT_EQ(detected(R"({"@timestamp":"2024-07-31T12:46:41Z","winlog":{"event_id":1}})"), "winevent");
  EXPECT_EQ(detected(R"({"eventID":"x"})"), "ndjson");
  EXPECT_EQ(detected(R"({"event_type":"login"})"), "ndjson");
}

TEST(DetectFormat, NothingIsNotGuessed) {
  for (const std::string_view text : {"", " \n\t", "hello", "2026-01-02 x", "PK\x03\x04", "1234"}) {
    EXPECT_EQ(detected(text), "none") << text;
  }
}

}  // namespace
}  // namespace sightline::sources
