#include "ledger/senders.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>

#include <boost/json.hpp>

#include "http_client/http_client.h"

namespace sightline::testing {

namespace {

namespace json = boost::json;

constexpr int kOk = 200;
constexpr int kTooMany = 429;
constexpr int kUnavailable = 503;
constexpr int kFull = 507;
constexpr int kPause_ms = 20;  // before another attempt

// The lines that the answer names. Throws what boost::json throws where the answer is no answer.
std::vector<std::uint64_t> rejected_lines(const json::value& answer) {
  std::vector<std::uint64_t> lines;
  for (const json::value& rejected : answer.at("rejected").as_array()) {
    lines.push_back(rejected.at("line").to_number<std::uint64_t>());
  }
  return lines;
}

}  // namespace

std::string problem_with(const Batch& batch, std::string_view text, bool may_be_replay, std::uint64_t last_number) {
  try {
    const json::value answer = json::parse({text.data(), text.size()});
    const auto number = [&](const char* name) { return answer.at(name).to_number<std::uint64_t>(); };
    if (number("accepted") != batch.markers.size()) return fmt::format("sent {} events", batch.markers.size());
    if (number("rejected_count") != batch.rejected_lines.size()) {
      return fmt::format("sent {} bad lines", batch.rejected_lines.size());
    }
    if (rejected_lines(answer) != batch.rejected_lines) {
      return fmt::format("the bad lines are {}", fmt::join(batch.rejected_lines, ", "));
    }
    if (answer.at("replayed").as_bool() && !may_be_replay) return "was not sent before";
    if (number("batch") <= last_number) return fmt::format("comes after batch {}", last_number);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

Batch Sender::make_batch() {
  Batch batch;
  batch.key = fmt::format("{}/{}/{}", source_, options_.epoch, ++sequence_);
  const std::uint32_t lines = 1 + random_() % 30;
  for (std::uint32_t line = 0; line < lines; ++line) {
    if (random_() % 20 == 0) {
      batch.body += "{\"not\": JSON\n";
      batch.rejected_lines.push_back(line + 1);
      continue;
    }
    const std::string marker = fmt::format("marker-{}-{}-{}", source_, sequence_, line);
    const bool alert = random_() % 8 == 0;
    batch.body += fmt::format(
        R"({{"event_type":"audit","type":"start","command":"{}","exe":"/crash/tool","arguments":"{}","pid":{}{}}})"
        "\n",
        alert ? "crash-alert" : "crash-quiet", marker, 1'000 + line, noise());
    batch.markers.push_back(marker);
    if (alert) batch.alert_markers.push_back(marker);
  }
  return batch;
}

std::string Sender::noise() {
  if (options_.noise_bytes == 0) return "";
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string letters;
  while (letters.size() < options_.noise_bytes) {
    std::uint32_t bits = random_();
    for (int i = 0; i < 5; ++i, bits >>= 6U) letters += kLetters[bits % kLetters.size()];
  }
  return fmt::format(R"(,"noise":"{}")", letters);
}

std::string Sender::run(const std::string& url, const std::string& token, std::uint64_t batches,
                        const Answered& answered) {
  const auto client = make_curl_client();
  while (batches > 0) {
    const bool may_be_replay = pending_.has_value() || options_.repairs;
    if (pending_) {
      ++repeated_;
    } else {
      pending_ = make_batch();
    }
    HttpRequest request;
    request.method = "POST";
    request.url = url + "/v1/events";
    request.headers = {{"Authorization", "Bearer " + token},
                       {"Content-Type", "application/x-ndjson"},
                       {"Idempotency-Key", pending_->key}};
    request.body = pending_->body;
    const auto response = client->send(request);
    if (!response) return "";  // killed
    if (response->status == kTooMany || response->status == kUnavailable || response->status == kFull) {
      if (!response->retry_after_s) return fmt::format("{} without Retry-After: {}", response->status, response->body);
      if (response->status == kFull) ++refused_full_;
      if (!answered({response->status, pending_->markers.size()})) break;
      ::poll(nullptr, 0, kPause_ms);
      continue;
    }
    if (response->status != kOk) return fmt::format("{}: {} {}", pending_->key, response->status, response->body);
    if (const auto problem = problem_with(*pending_, response->body, may_be_replay, last_number_); !problem.empty()) {
      return fmt::format("{}: {}: {}", pending_->key, problem, response->body);
    }
    last_number_ = json::parse(response->body).at("batch").to_number<std::uint64_t>();
    markers_.insert(markers_.end(), pending_->markers.begin(), pending_->markers.end());
    alert_markers_.insert(alert_markers_.end(), pending_->alert_markers.begin(), pending_->alert_markers.end());
    const std::size_t events = pending_->markers.size();
    pending_.reset();
    --batches;
    if (!answered({kOk, events})) break;
  }
  return "";
}

}  // namespace sightline::testing
