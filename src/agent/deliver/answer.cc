#include "agent/deliver/answer.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

namespace sightline::agent {
namespace {

// An answer that says more is no reason to hold more in memory.
constexpr std::size_t kMaxReasonBytes = 500;

std::string shortened(std::string_view text) { return std::string(text.substr(0, kMaxReasonBytes)); }

// The message of {"error":{"code":…,"message":…}}; nullopt: the body is something else.
std::optional<std::string> error_message(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  std::string_view message;
  if (parser.parse(body).get(document) != simdjson::SUCCESS) return std::nullopt;
  if (document["error"]["message"].get(message) != simdjson::SUCCESS) return std::nullopt;
  return shortened(message);
}

// The count of rejected lines in the answer to what was stored; nullopt: it is no such answer.
std::optional<std::uint64_t> rejected_count(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  std::uint64_t accepted = 0;
  std::uint64_t rejected = 0;
  if (parser.parse(body).get(document) != simdjson::SUCCESS) return std::nullopt;
  if (document["accepted"].get(accepted) != simdjson::SUCCESS) return std::nullopt;
  if (document["rejected_count"].get(rejected) != simdjson::SUCCESS) return std::nullopt;
  return rejected;
}

}  // namespace

Verdict read_answer(const Result<HttpResponse>& response) {
  using Kind = Verdict::Kind;
  Verdict verdict;
  if (!response) {
    verdict.reason = response.error().message;
    return verdict;
  }
  constexpr std::int64_t kLongestWaitS = 3600;
  if (response->retry_after_s) {
    verdict.retry_after_ms = std::clamp<std::int64_t>(*response->retry_after_s, 0, kLongestWaitS) * 1000;
  }
  const int status = response->status;
  if (status == 200) {
    const std::optional<std::uint64_t> rejected = rejected_count(response->body);
    verdict.reason = "the answer is not that of a Sightline server";
    if (!rejected) return verdict;
    return {.kind = Kind::stored, .retry_after_ms = std::nullopt, .rejected = *rejected, .reason = ""};
  }
  const std::optional<std::string> message = error_message(response->body);
  verdict.reason = fmt::format("{} {}", status, message.value_or("without a reason"));
  // A batch is given up only where it is the batch: it is too large, or its key was used for another one. What else may
  // be wrong with a request is as wrong with the next, and dropping them one by one would lose them all.
  if (message && (status == 409 || status == 413)) {
    verdict.kind = Kind::refused;
  } else if (status >= 400 && status < 500 && status != 408 && status != 429) {
    verdict.kind = Kind::unwelcome;
  }
  return verdict;
}

}  // namespace sightline::agent
