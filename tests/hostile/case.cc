#include "hostile/case.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace sightline::hostile {

namespace {

constexpr int kAttempts = 50;  // while the server says that it is busy
constexpr std::string_view kProbe = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

// The probe's answer, and nobody else's.
bool is_healthy(const testing::RawResponse& response) {
  return response.status == 200 && response.body.starts_with("ok");
}

}  // namespace

std::string outcome_of(testing::RawClient& client, std::string_view expected) {
  const auto answers = std::ranges::count(expected, ' ');
  std::string seen;
  for (int i = 0; i < answers; ++i) {
    const testing::RawResponse response = client.read();
    if (response.status == 0) return seen + "closed";
    seen += std::to_string(response.status) + " ";
  }
  client.send(kProbe);
  for (;;) {
    const testing::RawResponse response = client.read();
    if (response.status == 0) return seen + "closed";
    if (is_healthy(response)) return seen + "open";
    seen += std::to_string(response.status) + " ";
  }
}

std::string outcome_of(const Case& wanted, const Target& target) {
  const std::string bytes = target.fill_in(wanted.bytes());
  for (int attempts_left = kAttempts;; --attempts_left) {
    const auto client = target.connect(Target::kOtherHostileAddress);
    client->send(bytes);
    std::string seen = outcome_of(*client, wanted.expected);
    const bool busy = seen.contains("429 ") || seen.contains("503 ");  // also behind a 100
    if (!busy || attempts_left == 0) return seen;
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
}

}  // namespace sightline::hostile
