#include "server/http/head_check.h"

#include <fmt/format.h>

#include <algorithm>

namespace sightline::http {

namespace {

std::size_t count_headers(const Request& request, std::string_view name) {
  return static_cast<std::size_t>(
      std::ranges::count_if(request.headers, [&](const auto& header) { return header.first == name; }));
}

bool equals_ignoring_case(std::string_view text, std::string_view lower_case) {
  return std::ranges::equal(text, lower_case,
                            [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b; });
}

// Headers of which different readers would take different ones.
constexpr std::string_view kSingle[] = {"authorization", "content-encoding", "content-type",
                                        "expect",        "idempotency-key",  "origin"};

std::optional<HeadProblem> check_single(const Request& request) {
  for (const std::string_view name : kSingle) {
    if (count_headers(request, name) > 1) return HeadProblem{400, fmt::format("there is more than one {}", name)};
  }
  return std::nullopt;
}

std::optional<HeadProblem> check_content_length(const Request& request) {
  const auto length = request.header("content-length");
  if (!length) return std::nullopt;
  const bool digits = !length->empty() && length->size() <= 18 &&
                      std::ranges::all_of(*length, [](char c) { return c >= '0' && c <= '9'; });
  if (count_headers(request, "content-length") > 1) return HeadProblem{400, "there is more than one Content-Length"};
  if (!digits) return HeadProblem{400, "Content-Length must be a decimal number"};
  return std::nullopt;
}

std::optional<HeadProblem> check_transfer_encoding(const Request& request, bool http_1_0) {
  const auto coding = request.header("transfer-encoding");
  if (!coding) return std::nullopt;
  if (http_1_0) return HeadProblem{400, "HTTP/1.0 has no Transfer-Encoding"};
  if (request.header("content-length")) {
    return HeadProblem{400, "a request has either Content-Length or Transfer-Encoding, not both"};
  }
  if (count_headers(request, "transfer-encoding") > 1) {
    return HeadProblem{400, "there is more than one Transfer-Encoding"};
  }
  if (!equals_ignoring_case(*coding, "chunked")) {
    return HeadProblem{501, "the only Transfer-Encoding is chunked; compression goes into Content-Encoding"};
  }
  return std::nullopt;
}

}  // namespace

std::optional<HeadProblem> check_head_text(std::string_view head, std::size_t max_header_count) {
  std::size_t lines = 0;
  for (std::size_t i = 0; i < head.size(); ++i) {
    const char c = head[i];
    if (c == '\0') return HeadProblem{400, "the head holds a NUL"};
    if (c == '\n' && (i == 0 || head[i - 1] != '\r')) return HeadProblem{400, "a line of the head ends without CR"};
    if (c == '\r' && (i + 1 == head.size() || head[i + 1] != '\n')) {
      return HeadProblem{400, "the head holds a CR that does not end a line"};
    }
    if (c != '\n') continue;
    ++lines;
    const char next = i + 1 < head.size() ? head[i + 1] : '\r';
    if (next == ' ' || next == '\t') return HeadProblem{400, "a header line is folded"};
  }
  // The request line and the empty line are not headers.
  if (lines > max_header_count + 2) return HeadProblem{431, "there are too many headers"};
  return std::nullopt;
}

std::optional<HeadProblem> check_framing(const Request& request, bool http_1_0) {
  if (auto problem = check_content_length(request)) return problem;
  if (auto problem = check_transfer_encoding(request, http_1_0)) return problem;
  if (auto problem = check_single(request)) return problem;
  const std::size_t hosts = count_headers(request, "host");
  if (hosts > 1) return HeadProblem{400, "there is more than one Host"};
  if (hosts == 0) return HeadProblem{400, "there is no Host header"};
  if (const auto expect = request.header("expect"); expect && !equals_ignoring_case(*expect, "100-continue")) {
    return HeadProblem{417, "the only expectation is 100-continue"};
  }
  return std::nullopt;
}

}  // namespace sightline::http
