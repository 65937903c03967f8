#include "ledger/ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <thread>

#include "control/control_store.h"
#include "http_client/http_client.h"

namespace sightline::testing {

namespace {

namespace json = boost::json;

constexpr int kPageSize = 10'000;
constexpr int kOk = 200;
constexpr std::size_t kNamed = 5;

template <typename Markers>
Counts count(const std::vector<Sender>& senders, Markers markers) {
  Counts counts;
  for (const Sender& sender : senders) {
    for (const std::string& marker : (sender.*markers)()) ++counts[marker];
  }
  return counts;
}

std::string name_some(std::string_view what, const std::vector<std::string>& markers) {
  if (markers.empty()) return "";
  std::string text = fmt::format("{} {}:", markers.size(), what);
  for (std::size_t i = 0; i < std::min(kNamed, markers.size()); ++i) text += ' ' + markers[i];
  return text + '\n';
}

}  // namespace

Ledger::Ledger(std::size_t senders, const SenderOptions& options) {
  for (std::size_t i = 0; i < senders; ++i) {
    SenderOptions own = options;
    own.seed = options.seed * 100 + static_cast<std::uint32_t>(i);
    senders_.emplace_back(fmt::format("sender-{}", i), own);
  }
}

std::string Ledger::send(const ServerProcess& server, std::uint64_t batches, const Answered& answered,
                         const std::function<void(const std::atomic<std::size_t>& running)>& meanwhile) {
  std::vector<std::string> problems(senders_.size());
  std::atomic<std::size_t> running{senders_.size()};
  const std::string url = server.url();
  const std::string token = server.token();
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < senders_.size(); ++i) {
      threads.emplace_back([&, i] {
        problems[i] = senders_[i].run(url, token, batches, answered);
        --running;
      });
    }
    meanwhile(running);
  }
  std::string all;
  for (const std::string& problem : problems) {
    if (!problem.empty()) all += problem + '\n';
  }
  return all;
}

std::string Ledger::send(const ServerProcess& server, std::uint64_t batches) {
  return send(server, batches, [](const Answer&) { return true; }, [](const auto&) {});
}

Counts Ledger::events() const { return count(senders_, &Sender::markers); }
Counts Ledger::alerts() const { return count(senders_, &Sender::alert_markers); }
bool Ledger::waits() const { return std::ranges::any_of(senders_, &Sender::waits); }

std::uint64_t Ledger::repeated() const {
  std::uint64_t sum = 0;
  for (const Sender& sender : senders_) sum += sender.repeated();
  return sum;
}

std::uint64_t Ledger::refused_full() const {
  std::uint64_t sum = 0;
  for (const Sender& sender : senders_) sum += sender.refused_full();
  return sum;
}

std::string differences(const Counts& acknowledged, const Counts& shown) {
  std::vector<std::string> missing;
  std::vector<std::string> doubled;
  std::vector<std::string> unknown;
  for (const auto& [marker, times] : acknowledged) {
    const auto found = shown.find(marker);
    const int seen = found == shown.end() ? 0 : found->second;
    if (seen < times) missing.push_back(marker);
    if (seen > times) doubled.push_back(marker);
  }
  for (const auto& [marker, times] : shown) {
    if (!acknowledged.contains(marker)) unknown.push_back(marker);
  }
  return name_some("missing", missing) + name_some("doubled", doubled) + name_some("never acknowledged", unknown);
}

Counts shown_events(const ServerProcess& server) {
  Counts counts;
  const auto client = make_curl_client();
  json::value cursor = nullptr;
  do {
    json::object question{{"query", "exe = \"/crash/tool\""}, {"limit", kPageSize}};
    if (!cursor.is_null()) question["cursor"] = cursor;
    const std::string body = json::serialize(question);
    HttpRequest request;
    request.method = "POST";
    request.url = server.url() + "/v1/search";
    request.headers = {{"Authorization", "Bearer " + server.token()}, {"Content-Type", "application/json"}};
    request.body = body;
    const auto response = client->send(request);
    if (!response || response->status != kOk) {
      return {{"the search failed: " + (response ? response->body : response.error().message), 1}};
    }
    const json::value answer = json::parse(response->body);
    for (const json::value& event : answer.at("events").as_array()) {
      ++counts[std::string(event.at("arguments").as_string())];
    }
    cursor = answer.at("cursor");
  } while (!cursor.is_null());
  return counts;
}

Counts stored_alerts(const std::filesystem::path& data) {
  Counts counts;
  const auto control = control::ControlStore::open(data);
  if (!control) return {{"the control database does not open: " + control.error().message, 1}};
  std::optional<control::AlertCursor> cursor;
  do {
    const auto page = (*control)->alerts().list({}, 1'000, cursor);
    if (!page) return {{"the alerts are not read: " + page.error().message, 1}};
    for (const alerts::Alert& alert : page->alerts) ++counts[alert.title];
    cursor = page->next;
  } while (cursor);
  return counts;
}

Outcome verify_data(const std::filesystem::path& data) {
  return run_program({program("sightlined"), "verify", "--data", data});
}

}  // namespace sightline::testing
