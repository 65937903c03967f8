#include "sources/formats/formats.h"

#include <gtest/gtest.h>

namespace sightline::sources {
namespace {

TEST(Formats, AreFoundByName) {
  for (const Format format : all_formats()) EXPECT_EQ(parse_format(to_string(format)), format);
  EXPECT_EQ(parse_format("CloudTrail"), std::nullopt);
  EXPECT_EQ(parse_format(""), std::nullopt);
}

TEST(Formats, EachHasItsDecoder) {
  const auto decode = [](Format format, std::string_view bytes) {
    Decoded out;
    const auto decoder = make_decoder(format, {.agent_id = "a-1", .hostname = {}, .instance_id = {}, .account_id = {}});
    decoder->write(bytes, out);
    decoder->finish(out);
    EXPECT_EQ(out.events.size(), 1U);
    if (out.events.empty()) return std::string();
    const Event& event = out.events.events().front();
    EXPECT_EQ(event.text(FieldId::agent_id), "a-1");
    return std::string(event.text(FieldId::event_type).value_or("none"));
  };
  EXPECT_EQ(decode(Format::auditd, "type=SYSCALL msg=audit(1600362902.289:1): arch=c000003e syscall=59 success=yes\n"),
            "audit");
  EXPECT_EQ(decode(Format::cloudtrail, R"({"eventName":"ListBuckets"})"), "cloudtrail");
  EXPECT_EQ(decode(Format::journald, R"({"MESSAGE":"x"})"), "host");
  EXPECT_EQ(decode(Format::kubernetes, R"({"kind":"Event","apiVersion":"audit.k8s.io/v1","verb":"get"})"),
            "kubernetes");
  EXPECT_EQ(decode(Format::laurel, R"({"ID":"1600362902.289:1","CWD":{"cwd":"/"}})"), "audit");
  EXPECT_EQ(decode(Format::syslog, "Jan  2 03:04:05 web app: x"), "host");
  EXPECT_EQ(decode(Format::winevent, R"({"Event":{"System":{"EventID":7036}}})"), "winsec");
  EXPECT_EQ(decode(Format::ndjson, R"({"log":"x"})"), "host");
}

}  // namespace
}  // namespace sightline::sources
