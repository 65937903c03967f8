#include "sources/kubernetes/kubernetes_decoder.h"

#include <gtest/gtest.h>

#include "sources/decode_testing.h"

namespace sightline::kubernetes {
namespace {

sources::Decoded decode(std::string_view bytes, const sources::DecodeContext& context = {}) {
  return sources::testing::decode(*make_kubernetes_decoder(context), bytes);
}

struct One : sources::testing::OnlyEvent {
  explicit One(std::string_view bytes, const sources::DecodeContext& context = {})
      : OnlyEvent(decode(bytes, context)) {}
};

std::string with(std::string_view members) {
  return R"({"kind":"Event","apiVersion":"audit.k8s.io/v1",)" + std::string(members) + "}";
}

constexpr std::string_view kExec = R"({"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata",
  "auditID":"0d94b4a1-7c4c-4b6c-8d8b-0a1f8a1f3c11","stage":"ResponseComplete",
  "requestURI":"/api/v1/namespaces/shop/pods/cart-0/exec?command=sh","verb":"create",
  "user":{"username":"alice","groups":["dev","system:authenticated"],
          "extra":{"authentication.kubernetes.io/node-name":["node-7"]}},
  "impersonatedUser":{"username":"system:serviceaccount:shop:deployer"},
  "sourceIPs":["203.0.113.9","10.0.0.5"],"userAgent":"kubectl/v1.30.1",
  "objectRef":{"resource":"pods","subresource":"exec","namespace":"shop","name":"cart-0","apiVersion":"v1"},
  "responseStatus":{"metadata":{},"code":101},
  "requestReceivedTimestamp":"2024-07-31T12:46:41.000123Z","stageTimestamp":"2024-07-31T12:46:43.250999Z",
  "annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":"RBAC"}})";

TEST(Kubernetes, KeepsNativeNamesAndDerivesOurs) {
  const One one(kExec);
  EXPECT_EQ(one.event.original, kExec);
  EXPECT_EQ(one.text(FieldId::event_type), "kubernetes");
  EXPECT_EQ(one.text(FieldId::type), "exec");
  EXPECT_EQ(one.text(FieldId::verb), "create");
  EXPECT_EQ(one.text(FieldId::audit_id), "0d94b4a1-7c4c-4b6c-8d8b-0a1f8a1f3c11");
  EXPECT_EQ(one.text(FieldId::stage), "ResponseComplete");
  EXPECT_EQ(one.text(FieldId::user), "alice");
  EXPECT_EQ(one.text(FieldId::user_username), "alice");
  EXPECT_EQ(one.text(FieldId::user_groups), "dev");
  EXPECT_EQ(one.text(FieldId::target_user), "system:serviceaccount:shop:deployer");
  EXPECT_EQ(one.text(FieldId::user_agent), "kubectl/v1.30.1");
  EXPECT_EQ(one.text(FieldId::object_ref_namespace), "shop");
  EXPECT_EQ(one.text(FieldId::object_ref_name), "cart-0");
  EXPECT_EQ(one.text(FieldId::object_ref_subresource), "exec");
  EXPECT_EQ(one.text(FieldId::node_name), "node-7");
  EXPECT_EQ(one.event.integer(FieldId::response_status_code), 101);
  EXPECT_EQ(one.event.integer(FieldId::success), 1);
  EXPECT_EQ(one.at("annotations.authorization.k8s.io/decision"), "allow");
  EXPECT_EQ(one.event.find(FieldId::malformed), nullptr);
}

TEST(Kubernetes, TheTimeIsTheStagesAndBothStaySearchable) {
  const One one(kExec);
  EXPECT_EQ(one.event.event_time_ms, 1722430003250);
  EXPECT_EQ(one.at("stageTimestamp"), "2024-07-31T12:46:43.250999Z");
  EXPECT_EQ(one.at("requestReceivedTimestamp"), "2024-07-31T12:46:41.000123Z");
  const One received(with(R"("verb":"get","requestReceivedTimestamp":"2024-07-31T12:46:41Z")"));
  EXPECT_EQ(received.event.event_time_ms, 1722430001000);
  const One none(with(R"("verb":"get","stageTimestamp":null)"));
  EXPECT_EQ(none.event.event_time_ms, 0);
  EXPECT_EQ(none.text(FieldId::malformed), "stageTimestamp");
  const One bad(with(R"("verb":"get","stageTimestamp":"soon","requestReceivedTimestamp":"2024-07-31T12:46:41Z")"));
  EXPECT_EQ(bad.event.event_time_ms, 0);
  EXPECT_EQ(bad.text(FieldId::malformed), "stageTimestamp");
  EXPECT_EQ(bad.at("stageTimestamp"), "soon");
  EXPECT_EQ(bad.at("requestReceivedTimestamp"), "2024-07-31T12:46:41Z");
}

TEST(Kubernetes, TheAddressIsTheOneTheServerSaw) {
  EXPECT_EQ(One(kExec).text(FieldId::src_ip), "10.0.0.5");
  EXPECT_EQ(One(kExec).text(FieldId::source_ips), "203.0.113.9");
  EXPECT_EQ(One(with(R"("verb":"get","sourceIPs":["::1"])")).text(FieldId::src_ip), "::1");
  EXPECT_EQ(One(with(R"("verb":"get","sourceIPs":["10.0.0.5","proxy"])")).text(FieldId::src_ip), "(null)");
  EXPECT_EQ(One(with(R"("verb":"get","sourceIPs":[])")).text(FieldId::src_ip), "(null)");
}

TEST(Kubernetes, VerbsAreNormalised) {
  const auto type = [](std::string_view members) { return One(with(members)).text(FieldId::type); };
  EXPECT_EQ(type(R"("verb":"watch")"), "read");
  EXPECT_EQ(type(R"("verb":"create")"), "create");
  EXPECT_EQ(type(R"("verb":"patch")"), "modify");
  EXPECT_EQ(type(R"("verb":"deletecollection")"), "delete");
  EXPECT_EQ(type(R"("verb":"approve")"), "approve");
  EXPECT_EQ(type(R"("verb":"get","objectRef":{"resource":"pods","subresource":"portforward"})"), "portforward");
  EXPECT_EQ(type(R"("verb":"get","objectRef":{"resource":"pods","subresource":"log"})"), "read");
  EXPECT_EQ(type(R"("auditID":"x")"), "(null)");
}

TEST(Kubernetes, OnlyAnswersSucceedOrFail) {
  const auto success = [](std::string_view members) { return One(with(members)).event.integer(FieldId::success); };
  EXPECT_EQ(success(R"("verb":"get","stage":"RequestReceived")"), std::nullopt);
  EXPECT_EQ(success(R"("verb":"get","responseStatus":{"code":200})"), 1);
  EXPECT_EQ(success(R"("verb":"get","responseStatus":{"code":403})"), 0);
  EXPECT_EQ(success(R"("verb":"get","responseStatus":{"status":"Failure"})"), 0);
  EXPECT_EQ(success(R"("verb":"get","annotations":{"authorization.k8s.io/decision":"forbid"})"), 0);
  EXPECT_EQ(success(R"("verb":"get","stage":"Panic","responseStatus":{"code":200})"), 0);
}

TEST(Kubernetes, NodesAreNamed) {
  const auto node = [](std::string_view members) { return One(with(members)).text(FieldId::node_name); };
  EXPECT_EQ(node(R"("verb":"get","objectRef":{"resource":"nodes","name":"n1"},"user":{"username":"system:node:n2"})"),
            "n1");
  EXPECT_EQ(node(R"("verb":"get","user":{"username":"system:node:n2"})"), "n2");
  EXPECT_EQ(node(R"("verb":"get","user":{"username":"alice"})"), "(null)");
}

TEST(Kubernetes, StagesOfARequestStayApart) {
  std::string lines;
  for (const char* stage : {"RequestReceived", "ResponseStarted", "ResponseComplete"}) {
    lines += with(R"("verb":"watch","auditID":"same","stage":")" + std::string(stage) + "\"") + "\n";
  }
  const sources::Decoded out = decode(lines + lines);
  EXPECT_EQ(out.events.size(), 6U);
  for (const Event& event : out.events.events()) EXPECT_EQ(event.text(FieldId::audit_id), "same");
  EXPECT_EQ(out.events.events()[1].text(FieldId::stage), "ResponseStarted");
}

TEST(Kubernetes, ListsAreTakenApart) {
  const sources::Decoded out =
      decode(R"({"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[)" + with(R"("verb":"get")") +
             "," + with(R"("verb":"list")") + "]}\n[" + with(R"("verb":"create")") + "]");
  ASSERT_EQ(out.events.size(), 3U);
  EXPECT_EQ(out.rejected_count, 0U);
  EXPECT_EQ(out.events.events()[1].original, with(R"("verb":"list")"));
}

// A response body may hold a list under the very key that holds the events of an EventList.
TEST(Kubernetes, ListsInsideAnEventStayInIt) {
  const std::string bytes =
      with(R"("verb":"list","responseObject":{"kind":"PodList","items":[{"metadata":{"name":"a"}}]})");
  const One one(bytes);
  EXPECT_EQ(one.event.original, bytes);
  EXPECT_EQ(one.at("responseObject.items.metadata.name"), "a");
}

TEST(Kubernetes, AzuresEnvelopeIsOpened) {
  const std::string bytes = R"({"time":"2024-07-31T12:46:42Z","category":"kube-audit","level":"Informational",
    "properties":{"log":"{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\"Request\",\"verb\":\"get\",\"user\":{\"username\":\"a\\u0062\"}}\n","pod":"kube-apiserver-1"}})";
  const One one(bytes);
  EXPECT_EQ(one.event.original, bytes);
  EXPECT_EQ(one.text(FieldId::verb), "get");
  EXPECT_EQ(one.text(FieldId::user), "ab");
  EXPECT_EQ(one.text(FieldId::level), "Request");
  EXPECT_EQ(one.at("category"), "kube-audit");
  EXPECT_EQ(one.at("properties.pod"), "kube-apiserver-1");
  EXPECT_EQ(one.event.event_time_ms, 1722430002000);
  EXPECT_EQ(one.event.find(FieldId::malformed), nullptr);
  const sources::Decoded bad = decode(R"({"properties":{"log":"{\"kind\":\"Ev"}} {"properties":{"log":"plain text"}}
    {"properties":{"log":"{\"kind\":\"Pod\"}"}})");
  EXPECT_EQ(bad.events.size(), 0U);
  EXPECT_EQ(bad.rejected_count, 3U);
}

TEST(Kubernetes, OtherObjectsAreRejectedWithTheReason) {
  const sources::Decoded out = decode(
      "{\"kind\":\"Event\",\"apiVersion\":\"v1\",\"reason\":\"Killing\"}\n"
      "{\"kind\":\"Pod\",\"apiVersion\":\"v1\"}\n{\"protoPayload\":{}}\n{\"kind\":\"Event\"}\n"
      "{\"kind\":\"Event\",\"verb\":\"get\"}\n{\"auditID\":\"x\"}");
  EXPECT_EQ(out.events.size(), 2U);
  ASSERT_EQ(out.rejected.size(), 4U);
  EXPECT_EQ(out.rejected[0].error, "expected a Kubernetes audit event (kind Event of audit.k8s.io) at byte 0");
  EXPECT_EQ(out.rejected[3].line, 4U);
}

TEST(Kubernetes, WhatWeDeriveCannotComeFromTheInput) {
  const One one(with(R"("verb":"get","type":"login","event_type":"login","success":true,"src_ip":"1.1.1.1",
    "user":"root","node_name":"x","id":"1")"));
  EXPECT_EQ(one.text(FieldId::event_type), "kubernetes");
  EXPECT_EQ(one.text(FieldId::type), "read");
  EXPECT_EQ(one.text(FieldId::user), "(null)");
  EXPECT_EQ(one.event.find(FieldId::success), nullptr);
  EXPECT_EQ(one.at("original_user"), "root");
  EXPECT_EQ(one.at("original_id"), "1");
}

TEST(Kubernetes, WrongTypesAndKeysThatOccurTwiceAreKept) {
  const One one(with(R"("verb":"get","verb":"list","responseStatus":{"code":"teapot"},"sourceIPs":"10.0.0.1",
    "user":{"username":7,"groups":"one"})"));
  EXPECT_EQ(one.text(FieldId::verb), "get");
  EXPECT_EQ(one.at("responseStatus.code"), "teapot");
  EXPECT_EQ(one.text(FieldId::malformed), "responseStatus.code");
  EXPECT_EQ(one.text(FieldId::src_ip), "10.0.0.1");
  EXPECT_EQ(one.text(FieldId::user), "7");
  EXPECT_EQ(one.text(FieldId::user_groups), "one");
}

TEST(Kubernetes, BadEventsAreNamedAndTheRestStored) {
  const std::string good = with(R"("verb":"get")");
  const std::string deep = with(R"("verb":"get","requestObject":)" + std::string(70, '[') + std::string(70, ']'));
  const std::string huge = with(R"("verb":"get","pad":")" + std::string(sources::kMaxLineBytes, 'x') + '"');
  const sources::Decoded out = decode(good + "\n{\"kind\":\"Event\",\"verb\":\n" + good + "\n" + deep + "\n" + huge +
                                      "\n" + good + "\n{\"kind\":\"Event\",\"verb\":\"ge");
  EXPECT_EQ(out.events.size(), 3U);
  ASSERT_EQ(out.rejected.size(), 4U);
  EXPECT_EQ(out.rejected[0].line, 2U);
  EXPECT_NE(out.rejected[1].error.find("nested deeper than 64 levels"), std::string::npos);
  EXPECT_NE(out.rejected[2].error.find("expected at most 4194304 bytes"), std::string::npos);
  EXPECT_GT(out.rejected[2].size_bytes, sources::kMaxLineBytes);
  EXPECT_NE(out.rejected[3].error.find("the input ends"), std::string::npos);
}

TEST(Kubernetes, Utf16IsNamed) {
  const sources::Decoded out = decode(std::string_view("\xFF\xFE{\0\"\0", 6));
  ASSERT_EQ(out.rejected.size(), 1U);
  EXPECT_EQ(out.rejected[0].error, "expected JSON in UTF-8; this looks like UTF-16 at byte 0");
  EXPECT_EQ(One("\xEF\xBB\xBF" + with(R"("verb":"get")")).text(FieldId::verb), "get");
}

}  // namespace
}  // namespace sightline::kubernetes
