// A program run without a terminal, a network and time, for tests.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "cli/app.h"
#include "http_client/http_client.h"

namespace sightline::cli {

struct SentRequest {
  std::string method;
  std::string url;
  std::map<std::string, std::string> headers;
  std::string body;
};

// Answers by a function and remembers what was sent.
class FakeHttp final : public HttpClient {
 public:
  std::function<Result<HttpResponse>(const SentRequest&)> answer = [](const SentRequest&) {
    return HttpResponse{.status = 404, .body = {}, .content_type = {}, .retry_after_s = {}};
  };
  std::vector<SentRequest> sent;

  Result<HttpResponse> send(const HttpRequest& request) override {
    SentRequest copy{request.method, request.url, {}, std::string(request.body)};
    for (const auto& [name, value] : request.headers) copy.headers[name] = value;
    sent.push_back(copy);
    Result<HttpResponse> response = answer(sent.back());
    if (response && request.on_piece) request.on_piece(response->body);
    return response;
  }
};

inline HttpResponse http_answer(int status, std::string body) {
  return {.status = status, .body = std::move(body), .content_type = "application/json", .retry_after_s = {}};
}

// Sleeping moves it on.
class TestClock final : public Clock {
 public:
  std::int64_t now = 1700000000000;
  std::int64_t now_ms() const override { return now; }
};

// One run of the program after another, in one environment.
class TestRun {
 public:
  FakeHttp http;
  TestClock clock;
  Terminal terminal;
  std::map<std::string, std::string> environment;
  std::string input;  // of standard input
  std::string out;
  std::string err;
  std::vector<std::int64_t> slept_ms;

  ExitCode operator()(const std::vector<std::string>& arguments) {
    char name[] = "/tmp/sightline-test-input-XXXXXX";
    const int fd = ::mkstemp(name);
    ::unlink(name);
    const ssize_t written = ::write(fd, input.data(), input.size());
    ::lseek(fd, 0, SEEK_SET);
    std::ostringstream out_stream;
    std::ostringstream err_stream;
    Io io{.in_fd = written < 0 ? -1 : fd,
          .out = out_stream,
          .err = err_stream,
          .terminal = terminal,
          .clock = clock,
          .http = http,
          .environment = [this](const std::string& key) -> std::optional<std::string> {
            const auto found = environment.find(key);
            return found == environment.end() ? std::nullopt : std::optional(found->second);
          },
          .sleep =
              [this](std::int64_t ms) {
                slept_ms.push_back(ms);
                clock.now += ms;
              }};
    const ExitCode code = run(arguments, io);
    out = out_stream.str();
    err = err_stream.str();
    ::close(fd);
    return code;
  }
};

}  // namespace sightline::cli
