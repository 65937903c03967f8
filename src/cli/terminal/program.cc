#include "cli/terminal/program.h"

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <thread>

#include "http_client/http_client.h"

namespace sightline::cli {
namespace {

std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

void sleep_for_ms(std::int64_t ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

}  // namespace

int run_program(int argc, char** argv, std::string_view name,
                ExitCode (*run)(const std::vector<std::string>& arguments, Io& io)) {
  std::ios::sync_with_stdio(false);
  const SystemClock clock;
  const std::unique_ptr<HttpClient> http = make_curl_client();
  Io io{.in_fd = 0,
        .out = std::cout,
        .err = std::cerr,
        .terminal = detect_terminal(),
        .clock = clock,
        .http = *http,
        .environment = environment,
        .sleep = sleep_for_ms,
        .program = name};
  return static_cast<int>(run(std::vector<std::string>(argv + 1, argv + argc), io));
}

}  // namespace sightline::cli
