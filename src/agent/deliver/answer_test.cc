#include "agent/deliver/answer.h"

#include <gtest/gtest.h>

namespace sightline::agent {
namespace {

using Kind = Verdict::Kind;

Verdict verdict(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  return read_answer(response);
}

constexpr const char* kStored = R"({"accepted":3,"rejected_count":1,"rejected":[],"batch":7,"replayed":false})";
constexpr const char* kError = R"({"error":{"code":"x","message":"because"}})";

TEST(Answer, OnlyTheServersOwnIsAnAcknowledgement) {
  EXPECT_EQ(verdict(200, kStored).kind, Kind::stored);
  EXPECT_EQ(verdict(200, kStored).rejected, 1U);
  for (const char* body :
       {"", "OK", "<html>Please log in</html>", "{}", "[]", R"({"accepted":"3","rejected_count":0})"}) {
    EXPECT_EQ(verdict(200, body).kind, Kind::later) << body;
  }
  for (const int status : {201, 202, 204, 301, 302, 304})
    EXPECT_EQ(verdict(status, kStored).kind, Kind::later) << status;
}

TEST(Answer, ABatchIsGivenUpOnlyForWhatItIs) {
  for (const int status : {409, 413}) {
    EXPECT_EQ(verdict(status, kError).kind, Kind::refused) << status;
    EXPECT_EQ(verdict(status, "<html>").kind, Kind::unwelcome) << status;  // of some proxy
  }
  for (const int status : {400, 401, 403, 404, 415, 422})
    EXPECT_EQ(verdict(status, kError).kind, Kind::unwelcome) << status;
  for (const int status : {408, 429, 500, 502, 503, 504, 507})
    EXPECT_EQ(verdict(status, kError).kind, Kind::later) << status;
  EXPECT_EQ(verdict(400, kError).reason, "400 because");
}

TEST(Answer, NoAnswerDecidesNothing) {
  const Verdict nothing = read_answer(fail(ErrorCode::unavailable, "no connection"));
  EXPECT_EQ(nothing.kind, Kind::later);
  EXPECT_EQ(nothing.reason, "no connection");
}

TEST(Answer, WaitsAsLongAsItIsAsked) {
  HttpResponse response;
  response.status = 429;
  response.retry_after_s = 7;
  EXPECT_EQ(read_answer(response).retry_after_ms, 7000);
  response.retry_after_s = -1;
  EXPECT_EQ(read_answer(response).retry_after_ms, 0);
  response.retry_after_s = INT64_MAX;
  EXPECT_EQ(read_answer(response).retry_after_ms, 3'600'000);
}

}  // namespace
}  // namespace sightline::agent
