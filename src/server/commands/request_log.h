// Every answered request, to the log and the metrics.
#pragma once

#include "base/log.h"
#include "server/api/metrics.h"
#include "server/http/server.h"

namespace sightline::commands {

// `log` and `metrics` outlive the observer. Requests are logged at info, those to /healthz, /readyz and /metrics at
// debug, answers of 500 and more at error. Neither query nor headers are logged: they may hold secrets.
http::Observer make_request_log(Log& log, api::Metrics& metrics);

}  // namespace sightline::commands
