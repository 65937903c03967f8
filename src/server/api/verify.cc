// POST /v1/verify: checks everything committed against the hash chain; progress and report as NDJSON.
#include <algorithm>
#include <atomic>
#include <memory>

#include "server/api/errors.h"
#include "server/api/handlers.h"
#include "server/api/parameters.h"
#include "server/api/verify_report.h"

namespace sightline::api {

namespace {

constexpr std::uint64_t kProgressLines = 100;  // at most, of one verification

std::string progress_line(std::uint64_t done, std::uint64_t total) {
  JsonWriter json;
  json.begin_object().key("progress").begin_object().member("done", done).member("total", total).end_object();
  json.end_object();
  return json.take();
}

void run(Services& services, server::VerifyOptions options, http::BodyWriter& writer) {
  options.online = true;
  std::uint64_t last_step = UINT64_MAX;
  options.progress = [&](std::uint64_t done, std::uint64_t total) {
    const std::uint64_t step = total == 0 ? 0 : done * kProgressLines / total;
    if (step != last_step) writer.write(progress_line(done, total));
    last_step = step;
  };
  const auto report = server::verify(services.store, services.control, options);
  if (!report) {
    writer.write(error_answer(report.error()).body);
    return;
  }
  JsonWriter json;
  json.begin_object().key("report");
  write_verify_report(json, *report);
  json.end_object();
  writer.write(json.take());
}

}  // namespace

http::Response verify_store(Services& services, http::Request& request) {
  if (auto known = check_parameters(request, {"expect_head"}); !known) return error_answer(known.error());
  server::VerifyOptions options;
  if (const auto text = request.query_value("expect_head")) {
    const auto bytes = from_hex(*text);
    if (!bytes || bytes->size() != sizeof(Sha256Digest)) {
      return http::error_response(400, "\"expect_head\" must be 64 hexadecimal digits", "invalid_input");
    }
    std::copy_n(bytes->begin(), sizeof(Sha256Digest), options.expect_head.emplace().begin());
  }
  if (services.verifying.exchange(true)) return http::retry_response(429, "a verification is running already", 10);
  // Given back with the response, whether or not the stream ever ran.
  std::shared_ptr<std::atomic<bool>> turn(&services.verifying, [](std::atomic<bool>* flag) { *flag = false; });
  http::Response response;
  response.content_type = "application/x-ndjson";
  response.stream = [&services, options, turn](http::BodyWriter& writer) { run(services, options, writer); };
  return response;
}

}  // namespace sightline::api
