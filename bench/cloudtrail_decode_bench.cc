// CloudTrail decoding: events a CPU-second and MB a CPU-second, from the bytes of a log file to events in memory.
#include <benchmark/benchmark.h>

#include <random>
#include <string>

#include "event/canonical.h"
#include "event/json.h"
#include "sources/cloudtrail/cloudtrail_decoder.h"
#include "sources/ndjson/ndjson_decoder.h"

namespace sightline {
namespace {

constexpr std::size_t kEvents = 10'000;
constexpr std::size_t kChunkBytes = 64 * 1024;

std::string hex(std::mt19937_64& random, std::size_t digits) {
  std::string text;
  while (text.size() < digits) text += "0123456789abcdef"[random() % 16];
  return text;
}

// One of a few kinds of API calls by an instance's role, about 1.3 KB.
std::string make_event(std::mt19937_64& random) {
  struct Call {
    const char* name;
    const char* source;
    const char* read_only;
    const char* parameters;
  };
  static constexpr Call kCalls[] = {
      {"GetObject", "s3.amazonaws.com", "true",
       R"({"bucketName":"omg-my-cookies","Host":"omg-my-cookies.s3.us-east-1.amazonaws.com","key":"reports/2024/07/31/part-00017.parquet"})"},
      {"DescribeInstances", "ec2.amazonaws.com", "true",
       R"({"maxResults":1000,"filterSet":{"items":[{"name":"instance-state-name","valueSet":{"items":[{"value":"running"}]}}]}})"},
      {"PutParameter", "ssm.amazonaws.com", "false",
       R"({"name":"/app/config/feature","type":"String","overwrite":true,"tier":"Standard","value":"HIDDEN_DUE_TO_SECURITY_REASONS"})"},
      {"AssumeRole", "sts.amazonaws.com", "true",
       R"({"roleArn":"arn:aws:iam::123456789012:role/deploy","roleSessionName":"ci-runner-17","durationSeconds":3600})"},
  };
  const Call& call = kCalls[random() % std::size(kCalls)];
  const std::string instance = "i-" + hex(random, 17);
  const std::string principal = "AROA" + hex(random, 17) + ":" + instance;
  std::string event = R"({"eventVersion":"1.09","userIdentity":{"type":"AssumedRole","principalId":")" + principal;
  event += R"(","arn":"arn:aws:sts::123456789012:assumed-role/ec2VpcRole/)" + instance;
  event += R"(","accountId":"123456789012","accessKeyId":"ASIA)" + hex(random, 16);
  event += R"(","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLEEXAMPLE123",)";
  event += R"("arn":"arn:aws:iam::123456789012:role/ec2VpcRole","accountId":"123456789012","userName":"ec2VpcRole"},)";
  event +=
      R"("attributes":{"creationDate":"2024-07-31T06:12:01Z","mfaAuthenticated":"false"},"ec2RoleDelivery":"2.0"}},)";
  event += R"("eventTime":"2024-07-31T12:4)" + std::to_string(random() % 10) + R"(:41Z","eventSource":")" + call.source;
  event += R"(","eventName":")" + std::string(call.name) + R"(","awsRegion":"us-east-1","sourceIPAddress":"10.)";
  event += std::to_string(random() % 256) + "." + std::to_string(random() % 256) + R"(.17","userAgent":)";
  event += R"("aws-cli/2.15.30 Python/3.11.8 Linux/5.15.0-1056-aws exe/x86_64.ubuntu.22 prompt/off command/s3.cp",)";
  event += R"("requestParameters":)" + std::string(call.parameters) + R"(,"responseElements":null,)";
  event += R"("additionalEventData":{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256",)";
  event += R"("bytesTransferredIn":0,"bytesTransferredOut":)" + std::to_string(random() % 1'000'000) + "},";
  event += R"("requestID":")" + hex(random, 16) + R"(","eventID":")" + hex(random, 36) + R"(","readOnly":)";
  event += std::string(call.read_only) + R"(,"eventType":"AwsApiCall","managementEvent":true,)";
  event += R"("recipientAccountId":"123456789012","eventCategory":"Management",)";
  event += R"("tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256",)";
  return event + R"("clientProvidedHostHeader":"service.us-east-1.amazonaws.com"}})";
}

std::string make_events(const char* begin, const char* separator, const char* end, std::size_t count = kEvents) {
  std::mt19937_64 random(42);
  std::string text = begin;
  for (std::size_t i = 0; i < count; ++i) text += (i == 0 ? "" : separator) + make_event(random);
  return text + end;
}

void report(benchmark::State& state, std::size_t size_bytes, std::size_t events) {
  using benchmark::Counter;
  const auto rounds = static_cast<double>(state.iterations());
  state.counters["events/s"] = Counter(rounds * static_cast<double>(events), Counter::kIsRate);
  state.counters["MB/s"] = Counter(rounds * static_cast<double>(size_bytes) / 1e6, Counter::kIsRate);
  state.counters["bytes/event"] = static_cast<double>(size_bytes) / static_cast<double>(events);
}

template <class MakeDecoder>
void run(benchmark::State& state, const std::string& text, MakeDecoder make_decoder) {
  std::size_t events = 0;
  for (auto _ : state) {
    const auto decoder = make_decoder(sources::DecodeContext{});
    events = 0;
    // Events are taken off after every chunk, as the server does.
    for (std::size_t at = 0; at < text.size(); at += kChunkBytes) {
      sources::Decoded out;
      decoder->write(std::string_view(text).substr(at, kChunkBytes), out);
      if (at + kChunkBytes >= text.size()) decoder->finish(out);
      events += out.events.size();
      benchmark::DoNotOptimize(out.events.events().data());
    }
  }
  if (events != kEvents) state.SkipWithError("events were lost");
  report(state, text.size(), events);
}

void decode_records(benchmark::State& state) {
  run(state, make_events("{\"Records\":[", ",", "]}"), cloudtrail::make_cloudtrail_decoder);
}
BENCHMARK(decode_records)->Unit(benchmark::kMillisecond);

void decode_lines(benchmark::State& state) {
  run(state, make_events("", "\n", "\n"), cloudtrail::make_cloudtrail_decoder);
}
BENCHMARK(decode_lines)->Unit(benchmark::kMillisecond);

void decode_as_ndjson(benchmark::State& state) { run(state, make_events("", "\n", "\n"), ndjson::make_ndjson_decoder); }
BENCHMARK(decode_as_ndjson)->Unit(benchmark::kMillisecond);

// Events that were just decoded, still in the processor's caches.
template <class Append>
void write_events(benchmark::State& state, Append append) {
  const std::string text = make_events("", "\n", "\n", 100);
  sources::Decoded out;
  const auto decoder = cloudtrail::make_cloudtrail_decoder({});
  decoder->write(text, out);
  decoder->finish(out);
  for (auto _ : state) {
    std::string bytes;
    for (const Event& event : out.events.events()) {
      bytes.clear();
      append(bytes, event);
      benchmark::DoNotOptimize(bytes.data());
    }
  }
  report(state, text.size(), out.events.size());
}

void write_canonical(benchmark::State& state) { write_events(state, append_canonical); }
BENCHMARK(write_canonical);

void write_json(benchmark::State& state) {
  write_events(state, [](std::string& out, const Event& event) { append_json(out, event); });
}
BENCHMARK(write_json);

}  // namespace
}  // namespace sightline

BENCHMARK_MAIN();
