#include "server/commands/request_log.h"

namespace sightline::commands {

namespace {

constexpr std::size_t kMaxPathBytes = 200;

LogLevel level_of(const http::Exchange& exchange) {
  if (exchange.status == 500) return LogLevel::error;
  const bool watched =
      exchange.pattern == "/healthz" || exchange.pattern == "/readyz" || exchange.pattern == "/metrics";
  return watched ? LogLevel::debug : LogLevel::info;
}

}  // namespace

http::Observer make_request_log(Log& log, api::Metrics& metrics) {
  return [&log, &metrics](const http::Exchange& exchange) {
    metrics.count_request(exchange);
    const LogLevel level = level_of(exchange);
    if (!log.enabled(level)) return;
    log.write(level, "request",
              {{"request_id", exchange.request_id},
               {"method", exchange.method},
               {"path", std::string_view(exchange.path).substr(0, kMaxPathBytes)},
               {"status", exchange.status},
               {"duration_us", exchange.duration.count()},
               {"request_bytes", exchange.request_bytes},
               {"response_bytes", exchange.response_bytes},
               {"principal", exchange.principal},
               {"peer", exchange.peer},
               {"problem", exchange.problem}});
  };
}

}  // namespace sightline::commands
