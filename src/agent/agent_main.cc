#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "agent/commands/all_commands.h"
#include "http_client/http_client.h"

namespace {

std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

void sleep_for_ms(std::int64_t ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  const sightline::SystemClock clock;
  const std::unique_ptr<sightline::HttpClient> http = sightline::make_curl_client();
  sightline::cli::Io io{.in_fd = 0,
                        .out = std::cout,
                        .err = std::cerr,
                        .terminal = sightline::cli::detect_terminal(),
                        .clock = clock,
                        .http = *http,
                        .environment = environment,
                        .sleep = sleep_for_ms,
                        .program = "sightline-agent"};
  return static_cast<int>(sightline::agent::run(std::vector<std::string>(argv + 1, argv + argc), io));
}
