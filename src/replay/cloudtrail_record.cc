#include "replay/cloudtrail_record.h"

#include <fmt/format.h>

#include <chrono>
#include <iterator>

namespace sightline::replay {
namespace {

std::string utc_second(std::int64_t second) {
  using namespace std::chrono;
  const sys_seconds time{seconds(second)};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

template <class... Parts>
void add(std::string& out, const Parts&... parts) {
  (out.append(parts), ...);
}

void append_member(std::string& out, std::string_view key, std::string_view json) {
  add(out, ",\"", key, "\":", json.empty() ? "null" : json);
}

void append_identity(std::string& out, const Caller& caller, std::string_view second) {
  switch (caller.kind) {
    case Caller::Kind::aws_service:
      add(out, R"({"type":"AWSService","invokedBy":")", caller.name, R"("})");
      return;
    case Caller::Kind::iam_user:
      add(out, R"({"type":"IAMUser","principalId":")", caller.principal_id, R"(","arn":"arn:aws:iam::)", kAccountId,
          ":user/", caller.name, R"(","accountId":")", kAccountId, R"(","accessKeyId":")", caller.access_key,
          R"(","userName":")", caller.name, R"("})");
      return;
    case Caller::Kind::assumed_role:
      break;
  }
  add(out, R"({"type":"AssumedRole","principalId":")", caller.principal_id, ":", caller.session,
      R"(","arn":"arn:aws:sts::)", kAccountId, ":", caller.arn_role(), R"(","accountId":")", kAccountId,
      R"(","accessKeyId":")", caller.access_key,
      R"(","sessionContext":{"sessionIssuer":{"type":"Role","principalId":")", caller.principal_id,
      R"(","arn":"arn:aws:iam::)", kAccountId, ":role/", caller.name, R"(","accountId":")", kAccountId,
      R"(","userName":")", caller.name, R"("},"webIdFederationData":{},"attributes":{"creationDate":")", second,
      R"(","mfaAuthenticated":")", caller.mfa ? "true" : "false", R"("})");
  if (caller.instance_profile) out += R"(,"ec2RoleDelivery":"1.0")";
  out += "}}";
}

void append_tls(std::string& out, const ApiCall& call) {
  const bool old = call.source == "ec2";
  add(out, R"(,"tlsDetails":{"tlsVersion":")", old ? "TLSv1.2" : "TLSv1.3", R"(","cipherSuite":")",
      old ? "ECDHE-RSA-AES128-GCM-SHA256" : "TLS_AES_128_GCM_SHA256", R"(","clientProvidedHostHeader":")", call.source,
      ".", call.region, R"(.amazonaws.com"})");
}

}  // namespace

std::string Caller::arn_role() const {
  if (kind != Kind::assumed_role) return {};
  return fmt::format("assumed-role/{}/{}", name, session);
}

std::string_view CloudTrailRecords::second_text(std::int64_t time_ms) {
  const std::int64_t second = time_ms / 1000;
  if (second != second_) {
    second_ = second;
    second_text_ = utc_second(second);
  }
  return second_text_;
}

std::string CloudTrailRecords::append(std::string& out, std::int64_t time_ms, const Caller& caller, const ApiCall& call,
                                      Random& random) {
  const std::string_view second = second_text(time_ms);
  std::string id = random.uuid();
  out += R"({"eventVersion":"1.08","userIdentity":)";
  append_identity(out, caller, second);
  add(out, R"(,"eventTime":")", second, R"(","eventSource":")", call.source, R"(.amazonaws.com","eventName":")",
      call.name, R"(","awsRegion":")", call.region, R"(","sourceIPAddress":")", caller.address, R"(","userAgent":")",
      caller.user_agent, "\"");
  if (!call.error_code.empty()) {
    add(out, R"(,"errorCode":")", call.error_code, R"(","errorMessage":")", call.error_message, "\"");
  }
  append_member(out, "requestParameters", call.request);
  append_member(out, "responseElements", call.error_code.empty() ? call.response : std::string_view());
  if (call.data_event) {
    out += R"(,"additionalEventData":{"SignatureVersion":"SigV4","CipherSuite":"ECDHE-RSA-AES128-GCM-SHA256",)";
    out += fmt::format(R"("bytesTransferredIn":0,"AuthenticationMethod":"AuthHeader","bytesTransferredOut":{}}})",
                       random.below(1 << 22));
  }
  out += R"(,"requestID":")";
  random.append_uuid(out);
  add(out, R"(","eventID":")", id, R"(","readOnly":)", call.read_only ? "true" : "false");
  if (!call.resources.empty()) append_member(out, "resources", call.resources);
  add(out, R"(,"eventType":"AwsApiCall","managementEvent":)", call.data_event ? "false" : "true",
      R"(,"recipientAccountId":")", kAccountId, R"(","eventCategory":")", call.data_event ? "Data" : "Management",
      "\"");
  append_tls(out, call);
  out += '}';
  return id;
}

}  // namespace sightline::replay
