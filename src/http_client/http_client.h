// HTTP as the programs that ask a server see it. libcurl stays behind this.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace sightline {

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // absolute
  std::vector<std::pair<std::string, std::string>> headers;
  std::string_view body;  // must outlive the call
  std::int64_t timeout_ms = 120'000;
  std::size_t max_response_bytes = std::size_t{512} << 20U;  // a larger answer is refused rather than held in memory
  // Where set, it gets the body of the answer in pieces as they come, beside HttpResponse::body.
  std::function<void(std::string_view piece)> on_piece;
  std::string ca_file;  // certificates to trust instead of the system's; empty: the system's
};

struct HttpResponse {
  int status = 0;
  std::string body;
  std::string content_type;
  std::optional<std::int64_t> retry_after_s;
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // Sends once; whoever knows that a request may be repeated repeats it. Any status is a response.
  // Errors: unavailable (no connection, broken off), timeout, invalid_input (the URL), too_large.
  virtual Result<HttpResponse> send(const HttpRequest& request) = 0;
};

// libcurl: keeps its connection between calls; follows no redirects, since they would carry the token elsewhere; speaks
// http and https alone; uses the environment's proxies except for loopback addresses. Not thread-safe.
std::unique_ptr<HttpClient> make_curl_client();

// True for localhost, 127.0.0.0/8 and ::1.
bool is_loopback_url(std::string_view url);

// The text as part of a URL's path or query.
std::string percent_encode(std::string_view text);

}  // namespace sightline
