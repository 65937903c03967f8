#include "hostile/good_clients.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <boost/json.hpp>
#include <condition_variable>

#include "hostile/payloads.h"

namespace sightline::hostile {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBatchEvents = 2'000;

std::string batch_of(std::uint64_t number) {
  std::string lines;
  for (std::size_t i = 0; i < kBatchEvents; ++i) {
    lines += fmt::format(
        "{{\"event_time\":{},\"event_type\":\"good\",\"user\":\"user-{}\",\"hostname\":\"web-{}\",\"pid\":{},"
        "\"command\":\"ls -l /srv/{}\",\"request\":\"{:016x}\"}}\n",
        1'700'000'000'000 + number * 1000 + i, i % 97, i % 13, i, number, number * kBatchEvents + i);
  }
  return lines;
}

void note(Report& report, Clock::time_point begin) {
  ++report.requests;
  report.slowest =
      std::max(report.slowest, std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin));
}

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

void pause(const std::stop_token& stop, std::chrono::milliseconds time) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any().wait_for(lock, stop, time, [] { return false; });
}

}  // namespace

Report operator+(Report one, const Report& other) {
  one.requests += other.requests;
  one.events += other.events;
  one.seconds += other.seconds;
  one.slowest = std::max(one.slowest, other.slowest);
  one.failures.insert(one.failures.end(), other.failures.begin(), other.failures.end());
  return one;
}

GoodSender::GoodSender(const Target& target)
    : target_(target), thread_([this](const std::stop_token& stop) { run(stop); }) {}

void GoodSender::run(const std::stop_token& stop) {
  static std::atomic<std::uint64_t> sequence{0};
  const auto begin = Clock::now();
  auto client = target_.connect(Target::kGoodAddress);
  while (!stop.stop_requested()) {
    const std::uint64_t number = ++sequence;
    const std::string request = target_.fill_in(
        post("/v1/events", batch_of(number), fmt::format("Idempotency-Key: good/1/{}\r\n", number), "$good"));
    const auto sent = Clock::now();
    const testing::RawResponse response = client->ask(request);
    note(report_, sent);
    if (response.status == 200 && response.body.starts_with(fmt::format(R"({{"accepted":{},)", kBatchEvents))) {
      report_.events += kBatchEvents;
    } else {
      report_.failures.push_back(fmt::format("batch {}: {} {}", number, response.status, response.body));
      client = target_.connect(Target::kGoodAddress);
    }
  }
  report_.seconds = seconds_since(begin);
}

Report GoodSender::stop() {
  thread_.request_stop();
  thread_.join();
  return std::move(report_);
}

GoodReader::GoodReader(const Target& target)
    : target_(target), thread_([this](const std::stop_token& stop) { run(stop); }) {}

void GoodReader::run(const std::stop_token& stop) {
  struct Question {
    const char* method;
    const char* path;
    const char* body;
  };
  constexpr Question kQuestions[] = {
      {"GET", "/healthz", ""},           {"GET", "/readyz", ""},
      {"GET", "/v1/alerts?limit=1", ""}, {"POST", "/v1/search", R"({"query":"user = \"user-7\"","limit":1})"},
      {"GET", "/metrics", ""},           {"POST", "/v1/search", R"({"query":"event_type = \"good\"","limit":1})"},
  };
  const auto begin = Clock::now();
  for (std::size_t i = 0; !stop.stop_requested(); ++i) {
    const Question& question = kQuestions[i % std::size(kQuestions)];
    const auto asked = Clock::now();
    const testing::RawResponse response = target_.ask(question.method, question.path, "$admin", question.body);
    note(report_, asked);
    if (response.status != 200) {
      report_.failures.push_back(fmt::format("{}: {} {}", question.path, response.status, response.body));
    }
    pause(stop, std::chrono::milliseconds(100));
  }
  report_.seconds = seconds_since(begin);
}

Report GoodReader::stop() {
  thread_.request_stop();
  thread_.join();
  return std::move(report_);
}

Report send_alone(const Target& target, std::chrono::milliseconds time) {
  GoodSender sender(target);
  pause({}, time);
  return sender.stop();
}

double compare(const Report& alone, const Report& during) {
  const double ratio = alone.events_per_s() > 0 ? during.events_per_s() / alone.events_per_s() : 0;
  fmt::print("good sender: {:.0f} events/s alone, {:.0f} events/s meanwhile, ratio {:.2f}; slowest batch {} ms\n",
             alone.events_per_s(), during.events_per_s(), ratio, during.slowest.count());
  return ratio;
}

}  // namespace sightline::hostile
