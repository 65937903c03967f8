#include "sources/cloudtrail/cloudtrail_decoder.h"

#include <gtest/gtest.h>

#include "sources/decode_testing.h"

namespace sightline::cloudtrail {
namespace {

sources::Decoded decode(std::string_view bytes, const sources::DecodeContext& context = {}) {
  return sources::testing::decode(*make_cloudtrail_decoder(context), bytes);
}

struct One : sources::testing::OnlyEvent {
  explicit One(std::string_view bytes, const sources::DecodeContext& context = {})
      : OnlyEvent(decode(bytes, context)) {}
};

std::string with(std::string_view members) {
  return R"({"eventSource":"x.amazonaws.com","eventTime":"2024-07-31T12:46:41Z",)" + std::string(members) + "}";
}

TEST(Cloudtrail, DerivesRoleSessionAndInstance) {
  const One one(with(R"("eventName":"DescribeInstances","readOnly":true,"recipientAccountId":"123456789012",
    "sourceIPAddress":"10.1.2.3","userIdentity":{"type":"AssumedRole",
    "arn":"arn:aws:sts::123456789012:assumed-role/ec2VpcRole/i-08c9216f243e53fd4"})"));
  EXPECT_EQ(one.event.event_time_ms, 1722430001000);
  EXPECT_EQ(one.text(FieldId::event_type), "cloudtrail");
  EXPECT_EQ(one.text(FieldId::type), "read");
  EXPECT_EQ(one.text(FieldId::arn_role), "assumed-role/ec2VpcRole/i-08c9216f243e53fd4");
  EXPECT_EQ(one.text(FieldId::role_session_name), "i-08c9216f243e53fd4");
  EXPECT_EQ(one.text(FieldId::instance_id), "i-08c9216f243e53fd4");
  EXPECT_EQ(one.text(FieldId::cloud_provider), "aws");
  EXPECT_EQ(one.text(FieldId::account_id), "123456789012");
  EXPECT_EQ(one.text(FieldId::src_ip), "10.1.2.3");
  EXPECT_EQ(one.event.integer(FieldId::success), 1);
  EXPECT_EQ(one.event.find(FieldId::malformed), nullptr);
}

TEST(Cloudtrail, SessionsOfPeopleAreNoInstances) {
  for (const std::string session : {"alice@example.com", "i-123", "i-08c9216f243e53fd4a", "i-08C9216F", "i-0123456g"}) {
    const One one(with(R"("eventName":"GetObject","userIdentity":{"arn":"arn:aws-us-gov:sts::1:assumed-role/admin/)" +
                       session + "\"}"));
    EXPECT_EQ(one.text(FieldId::arn_role), "assumed-role/admin/" + session);
    EXPECT_EQ(one.text(FieldId::role_session_name), session);
    EXPECT_EQ(one.text(FieldId::instance_id), "(null)");
  }
  for (const char* arn :
       {"arn:aws:iam::1:user/alice", "arn:aws:iam::1:role/assumed-role/x", "assumed-role/x/y", "", "::::::"}) {
    EXPECT_EQ(One(with(R"("eventName":"GetObject","userIdentity":{"arn":")" + std::string(arn) + "\"}"))
                  .text(FieldId::arn_role),
              "(null)")
        << arn;
  }
}

TEST(Cloudtrail, VerbsAreNormalised) {
  const auto verb = [](std::string_view members) { return One(with(members)).text(FieldId::type); };
  EXPECT_EQ(verb(R"("eventName":"PutObject","readOnly":false)"), "write");
  EXPECT_EQ(verb(R"("eventName":"DecodeMessage","readOnly":true)"), "read");
  EXPECT_EQ(verb(R"("eventName":"ListBuckets")"), "read");
  EXPECT_EQ(verb(R"("eventName":"RunInstances")"), "write");
  EXPECT_EQ(verb(R"("eventName":"AssumeRole","readOnly":true)"), "assume_role");
  EXPECT_EQ(verb(R"("eventName":"AssumeRoleWithSAML")"), "assume_role");
}

TEST(Cloudtrail, ConsoleSignInsAreLogins) {
  const One login(with(R"("eventName":"ConsoleLogin","responseElements":{"ConsoleLogin":"Success"},
    "userIdentity":{"type":"IAMUser","userName":"alice"})"));
  EXPECT_EQ(login.text(FieldId::type), "login");
  EXPECT_EQ(login.text(FieldId::target_user), "alice");
  EXPECT_EQ(login.event.integer(FieldId::success), 1);
  const One failed(with(R"("eventName":"ConsoleLogin","responseElements":{"ConsoleLogin":"Failure"},
    "errorMessage":"Failed authentication","userIdentity":{"type":"Root"})"));
  EXPECT_EQ(failed.text(FieldId::type), "login_failed");
  EXPECT_EQ(failed.text(FieldId::target_user), "root");
  EXPECT_EQ(failed.event.integer(FieldId::success), 0);
  const One role(with(R"("eventName":"ConsoleLogin","userIdentity":{"arn":"arn:aws:sts::1:assumed-role/admin/bob"})"));
  EXPECT_EQ(role.text(FieldId::type), "login");
  EXPECT_EQ(role.text(FieldId::target_user), "bob");
  const One other(with(R"("eventName":"GetObject","errorCode":"AccessDenied")"));
  EXPECT_EQ(other.event.integer(FieldId::success), 0);
  EXPECT_EQ(other.text(FieldId::target_user), "(null)");
}

TEST(Cloudtrail, OnlyAddressesBecomeSourceAddresses) {
  const auto address = [](const std::string& text) {
    return One(with(R"("eventName":"x","sourceIPAddress":")" + text + '"')).text(FieldId::src_ip);
  };
  EXPECT_EQ(address("2001:db8::1"), "2001:db8::1");
  EXPECT_EQ(address("ec2.amazonaws.com"), "(null)");
  EXPECT_EQ(address("AWS Internal"), "(null)");
  EXPECT_EQ(address("1.2.3"), "(null)");
  EXPECT_EQ(address("::ffff:1.2.3.4"), "::ffff:1.2.3.4");
  EXPECT_EQ(address(""), "(null)");
}

TEST(Cloudtrail, TimesThatCannotBeReadAreKept) {
  EXPECT_EQ(One(R"({"eventName":"x","eventTime":"2025-01-21 17:39:10.000000000"})").event.event_time_ms, 1737481150000);
  EXPECT_EQ(One(R"({"eventName":"x","eventTime":"2024-07-31T14:46:41.25+02:00"})").event.event_time_ms, 1722430001250);
  for (const char* bytes :
       {R"({"eventName":"x"})", R"({"eventName":"x","eventTime":null})", R"({"eventName":"x","eventTime":"soon"})",
        R"({"eventName":"x","eventTime":{"a":1}})", R"({"eventName":"x","eventTime":"9999-12-31T23:59:59Z"})",
        R"({"eventName":"x","eventTime":-1})"}) {
    const One one(bytes);
    EXPECT_EQ(one.event.event_time_ms, 0) << bytes;
    EXPECT_EQ(one.text(FieldId::malformed), "eventTime") << bytes;
  }
  const One one(R"({"eventName":"x","eventTime":"soon"})");
  ASSERT_EQ(one.event.attributes().size(), 1U);
  EXPECT_EQ(one.event.attributes()[0].path, "eventTime");
  EXPECT_EQ(one.event.attributes()[0].text, "soon");
}

TEST(Cloudtrail, WhatWeDeriveCannotComeFromTheInput) {
  const One one(with(R"("eventName":"x","type":"login","event_type":"login","success":true,"src_ip":"1.1.1.1",
    "arnRole":"assumed-role/x/y","duplicate_of":"z","id":"1","source":"s")"));
  EXPECT_EQ(one.text(FieldId::event_type), "cloudtrail");
  EXPECT_EQ(one.text(FieldId::type), "write");
  for (const FieldId field : {FieldId::src_ip, FieldId::arn_role, FieldId::duplicate_of, FieldId::source}) {
    EXPECT_EQ(one.event.find(field), nullptr);
  }
  EXPECT_EQ(one.event.attributes().size(), 8U);
  EXPECT_EQ(one.event.attributes()[0].path, "original_type");
}

TEST(Cloudtrail, ColumnNamesInLowerCaseAreUnderstood) {
  const One one(
      R"({"eventname":"GetObject","eventtime":"2024-07-31T12:46:41Z","awsregion":"us-east-1","useridentity":{"type":"Root"}})");
  EXPECT_EQ(one.text(FieldId::event_name), "GetObject");
  EXPECT_EQ(one.text(FieldId::aws_region), "us-east-1");
  EXPECT_EQ(one.text(FieldId::user_identity_type), "Root");
  EXPECT_EQ(one.event.event_time_ms, 1722430001000);
}

TEST(Cloudtrail, TheSenderIsFilledInWhereTheEventSaysNothing) {
  const sources::DecodeContext context{"agent-1", "collector", "i-00000000", "999"};
  const One one(R"({"eventName":"x"})", context);
  EXPECT_EQ(one.text(FieldId::agent_id), "agent-1");
  EXPECT_EQ(one.text(FieldId::hostname), "collector");
  EXPECT_EQ(one.text(FieldId::instance_id), "i-00000000");
  EXPECT_EQ(one.text(FieldId::account_id), "999");
  EXPECT_EQ(One(R"({"eventName":"x","recipientAccountId":"1"})", context).text(FieldId::account_id), "1");
}

TEST(Cloudtrail, ABoundSenderIsItselfAndReportsAboutOthers) {
  const sources::DecodeContext context{"agent-1", "collector", "i-00000000", "999", 0, true};
  const One one(R"({"eventName":"x","agent_id":"agent-2","hostname":"h","recipientAccountId":"1"})", context);
  EXPECT_EQ(one.text(FieldId::agent_id), "agent-1");
  EXPECT_EQ(one.text(FieldId::hostname), "collector");
  EXPECT_EQ(one.text(FieldId::account_id), "1");
}

TEST(Cloudtrail, OtherDocumentsAreRejectedWithTheReason) {
  const sources::Decoded out =
      decode("{\"awsAccountId\":\"1\",\"digestStartTime\":\"2024-07-31T12:46:41Z\"}\n{\"eventName\":\"x\"}\n[1]");
  EXPECT_EQ(out.events.size(), 1U);
  ASSERT_EQ(out.rejected.size(), 2U);
  EXPECT_EQ(out.rejected[0].line, 1U);
  EXPECT_EQ(out.rejected[0].error, "expected a CloudTrail event with eventName or eventSource at byte 0");
  EXPECT_EQ(out.rejected[1].line, 3U);
  EXPECT_EQ(out.rejected[1].error, "expected a JSON object at byte 81");
}

TEST(Cloudtrail, BadElementsAreNamedByLineAndByte) {
  const sources::Decoded out = decode(
      "{\"Records\":[\n{\"eventName\":\"a\"},\n{\"eventName\":\"b\",\"n\":01},\n{\"eventName\":\"c\",,},\n{"
      "\"eventName\":\"d\"}]}");
  ASSERT_EQ(out.events.size(), 2U);
  EXPECT_EQ(out.events.events()[1].original, "{\"eventName\":\"d\"}");
  ASSERT_EQ(out.rejected.size(), 2U);
  EXPECT_EQ(out.rejected[0].line, 3U);
  EXPECT_EQ(out.rejected[0].error, "expected a value at byte 53");
  EXPECT_EQ(out.rejected[0].bytes, "{\"eventName\":\"b\",\"n\":01}");
  EXPECT_EQ(out.rejected[1].line, 4U);
  EXPECT_EQ(out.rejected[1].error, "expected a key in quotes at byte 75");
  EXPECT_EQ(out.rejected[1].size_bytes, 19U);
}

TEST(Cloudtrail, ThousandsOfBadElementsAreCounted) {
  std::string text = "{\"Records\":[";
  for (int i = 0; i < 3'000; ++i) text += "{\"eventName\":},";
  const sources::Decoded out = decode(text + "{\"eventName\":\"x\"}]}");
  EXPECT_EQ(out.events.size(), 1U);
  EXPECT_EQ(out.rejected_count, 3'000U);
  EXPECT_EQ(out.rejected.size(), sources::kMaxRejectedKept);
}

TEST(Cloudtrail, EventsCanBeTakenOffBetweenCalls) {
  std::string text = "{\"Records\":[";
  for (int i = 0; i < 1'000; ++i)
    text += (i == 0 ? "" : ",") + with(R"("eventName":"x","requestParameters":{"n":)" + std::to_string(i) + "}");
  text += "]}";
  const auto decoder = make_cloudtrail_decoder({});
  std::vector<std::string> numbers;
  for (std::size_t at = 0; at < text.size(); at += 1'000) {
    sources::Decoded out;
    decoder->write(std::string_view(text).substr(at, 1'000), out);
    for (const Event& event : out.events.events()) {
      EXPECT_EQ(event.attributes().front().path, "requestParameters.n");
      numbers.emplace_back(event.attributes().front().text);
    }
  }
  ASSERT_EQ(numbers.size(), 1'000U);
  EXPECT_EQ(numbers.back(), "999");
}

}  // namespace
}  // namespace sightline::cloudtrail
