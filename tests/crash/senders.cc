#include "crash/senders.h"

#include <fmt/format.h>

#include "cli/client/http_client.h"

namespace sightline::crash {

namespace {

constexpr int kOk = 200;
constexpr int kTooMany = 429;
constexpr int kUnavailable = 503;

}  // namespace

Batch Sender::make_batch() {
  Batch batch;
  batch.key = fmt::format("{}/1/{}", source_, ++sequence_);
  const std::uint32_t lines = 1 + random_() % 30;
  for (std::uint32_t line = 0; line < lines; ++line) {
    if (random_() % 20 == 0) {
      batch.body += "{\"not\": JSON\n";
      ++batch.rejected;
      continue;
    }
    const std::string marker = fmt::format("marker-{}-{}-{}", source_, sequence_, line);
    const bool alert = random_() % 8 == 0;
    batch.body += fmt::format(
        R"({{"event_type":"audit","type":"start","command":"{}","exe":"/crash/tool","arguments":"{}","pid":{}}})"
        "\n",
        alert ? "crash-alert" : "crash-quiet", marker, 1'000 + line);
    batch.markers.push_back(marker);
    if (alert) batch.alert_markers.push_back(marker);
  }
  return batch;
}

std::string Sender::run(const std::string& url, const std::string& token, std::uint64_t batches,
                        const std::function<void()>& acknowledged) {
  const auto client = cli::make_curl_client();
  while (batches > 0) {
    if (pending_) {
      ++repeated_;
    } else {
      pending_ = make_batch();
    }
    cli::HttpRequest request;
    request.method = "POST";
    request.url = url + "/v1/events";
    request.headers = {{"Authorization", "Bearer " + token},
                       {"Content-Type", "application/x-ndjson"},
                       {"Idempotency-Key", pending_->key}};
    request.body = pending_->body;
    const auto response = client->send(request);
    if (!response) return "";  // killed
    if (response->status == kTooMany || response->status == kUnavailable) continue;
    const std::string accepted = fmt::format("\"accepted\":{}", pending_->markers.size());
    if (response->status != kOk || response->body.find(accepted) == std::string::npos) {
      return fmt::format("{}: {} {}", pending_->key, response->status, response->body);
    }
    markers_.insert(markers_.end(), pending_->markers.begin(), pending_->markers.end());
    alert_markers_.insert(alert_markers_.end(), pending_->alert_markers.begin(), pending_->alert_markers.end());
    pending_.reset();
    --batches;
    acknowledged();
  }
  return "";
}

}  // namespace sightline::crash
