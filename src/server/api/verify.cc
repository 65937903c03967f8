// POST /v1/verify: checks everything committed against the hash chain; progress and report as NDJSON.
#include <fmt/format.h>

#include <atomic>
#include <memory>
#include <stop_token>
#include <utility>

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

// Stops where the server does, or where nobody reads any more.
void run(Services& services, server::VerifyOptions options, const std::stop_token& stop, http::BodyWriter& writer) {
  std::stop_source source;
  const std::stop_callback stop_too(stop, [&source] { source.request_stop(); });
  options.stop = source.get_token();
  options.online = true;
  std::uint64_t last_step = UINT64_MAX;
  options.progress = [&](std::uint64_t done, std::uint64_t total) {
    const std::uint64_t step = total == 0 ? 0 : done * kProgressLines / total;
    if (step != last_step && !writer.write(progress_line(done, total))) source.request_stop();
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
  if (auto known = check_parameters(request, {"expect_head", "expect_audit_head"}); !known) {
    return error_answer(known.error());
  }
  server::VerifyOptions options;
  for (const auto& [name, head] :
       {std::pair("expect_head", &options.expect_head), std::pair("expect_audit_head", &options.expect_audit_head)}) {
    const auto text = request.query_value(name);
    if (text && !(*head = parse_digest(*text))) {
      return http::error_response(400, fmt::format("\"{}\" must be 64 hexadecimal digits", name), "invalid_input");
    }
  }
  if (services.verifying.exchange(true)) return http::retry_response(429, "a verification is running already", 10);
  // Given back with the response, whether or not the stream ever ran.
  std::shared_ptr<std::atomic<bool>> turn(&services.verifying, [](std::atomic<bool>* flag) { *flag = false; });
  http::Response response;
  response.content_type = "application/x-ndjson";
  response.stream = [&services, options, turn, stop = request.stop](http::BodyWriter& writer) {
    run(services, options, stop, writer);
  };
  return response;
}

}  // namespace sightline::api
