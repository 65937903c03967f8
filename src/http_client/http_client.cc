#include "http_client/http_client.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <fmt/format.h>

#include <charconv>
#include <cstring>

namespace sightline {
namespace {

struct SlistFree {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct UrlFree {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

// curl_easy_setopt is a C variadic; this is the one place that calls it.
template <class Value>
void set(CURL* curl, CURLoption option, Value value) {
  curl_easy_setopt(curl, option, value);
}

constexpr long kConnectTimeoutMs = 10'000;

// Where the body of an answer goes.
struct BodyTarget {
  std::string* body;
  std::size_t max_bytes;
  const std::function<void(std::string_view)>* on_piece;
};

std::size_t append_body(char* bytes, std::size_t, std::size_t count, void* target) {
  const auto& [body, max_bytes, on_piece] = *static_cast<const BodyTarget*>(target);
  if (body->size() + count > max_bytes) return 0;  // makes libcurl stop with CURLE_WRITE_ERROR
  body->append(bytes, count);
  if (*on_piece) (*on_piece)({bytes, count});
  return count;
}

Error error_of(CURLcode code, const char* detail, const HttpRequest& request) {
  const std::string& url = request.url;
  const std::string_view reason = *detail != '\0' ? std::string_view(detail) : curl_easy_strerror(code);
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return {ErrorCode::timeout, fmt::format("{}: {}", url, reason)};
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return {ErrorCode::invalid_input, fmt::format("{} is not a server address: {}", url, reason)};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return {
          ErrorCode::unauthenticated,
          fmt::format("{} does not prove who it is: {}\n  hint: name the authority that signed its certificate with "
                      "--ca-file, and the server as its certificate does",
                      url, reason)};
    case CURLE_WRITE_ERROR:
      return {ErrorCode::too_large,
              fmt::format("{}: the answer is over {} MB", url, request.max_response_bytes >> 20U)};
    default:
      return {ErrorCode::unavailable, fmt::format("{}: {}", url, reason)};
  }
}

std::optional<std::int64_t> retry_after(CURL* curl) {
  curl_off_t seconds = 0;
  if (curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &seconds) != CURLE_OK || seconds <= 0) return std::nullopt;
  return seconds;
}

class CurlClient final : public HttpClient {
 public:
  CurlClient() : curl_(curl_easy_init(), curl_easy_cleanup) {}

  Result<HttpResponse> send(const HttpRequest& request) override {
    if (curl_ == nullptr) return fail(ErrorCode::internal, "libcurl cannot start");
    CURL* curl = curl_.get();
    curl_easy_reset(curl);  // keeps connections
    char detail[CURL_ERROR_SIZE] = "";
    HttpResponse response;
    const std::unique_ptr<curl_slist, SlistFree> headers = header_list(request);
    set(curl, CURLOPT_ERRORBUFFER, static_cast<char*>(detail));
    set(curl, CURLOPT_HTTPHEADER, headers.get());
    set(curl, CURLOPT_WRITEFUNCTION, append_body);
    BodyTarget target{&response.body, request.max_response_bytes, &request.on_piece};
    set(curl, CURLOPT_WRITEDATA, static_cast<void*>(&target));
    set_target(request);
    set_body(request);
    const CURLcode code = curl_easy_perform(curl);
    if (code != CURLE_OK) return std::unexpected(error_of(code, detail, request));
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    response.status = static_cast<int>(status);
    const char* content_type = nullptr;
    curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &content_type);
    if (content_type != nullptr) response.content_type = content_type;
    response.retry_after_s = retry_after(curl);
    return response;
  }

 private:
  static std::unique_ptr<curl_slist, SlistFree> header_list(const HttpRequest& request) {
    curl_slist* list = nullptr;
    for (const auto& [name, value] : request.headers) {
      list = curl_slist_append(list, fmt::format("{}: {}", name, value).c_str());
    }
    // Without this libcurl waits a second for leave to send a large body.
    list = curl_slist_append(list, "Expect:");
    return std::unique_ptr<curl_slist, SlistFree>(list);
  }

  void set_target(const HttpRequest& request) {
    CURL* curl = curl_.get();
    set(curl, CURLOPT_URL, request.url.c_str());
    set(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    set(curl, CURLOPT_FOLLOWLOCATION, 0L);
    set(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    set(curl, CURLOPT_SSL_VERIFYHOST, 2L);  // the name, too
    set(curl, CURLOPT_NOSIGNAL, 1L);
    set(curl, CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
    set(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout_ms));
    if (is_loopback_url(request.url)) set(curl, CURLOPT_PROXY, "");
    if (!request.ca_file.empty()) set(curl, CURLOPT_CAINFO, request.ca_file.c_str());
  }

  void set_body(const HttpRequest& request) {
    CURL* curl = curl_.get();
    if (request.method == "GET") return;
    set(curl, CURLOPT_POST, 1L);
    set(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(curl, CURLOPT_POSTFIELDS, request.body.data() == nullptr ? "" : request.body.data());
    set(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }

  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl_;
};

}  // namespace

std::unique_ptr<HttpClient> make_curl_client() { return std::make_unique<CurlClient>(); }

bool is_loopback_url(std::string_view url) {
  const std::unique_ptr<CURLU, UrlFree> parsed(curl_url());
  if (curl_url_set(parsed.get(), CURLUPART_URL, std::string(url).c_str(), 0) != CURLUE_OK) return false;
  char* raw = nullptr;
  if (curl_url_get(parsed.get(), CURLUPART_HOST, &raw, 0) != CURLUE_OK) return false;
  const std::unique_ptr<char, decltype(&curl_free)> host(raw, curl_free);
  const std::string_view name(host.get());
  in_addr address{};
  if (inet_pton(AF_INET, host.get(), &address) == 1) return ntohl(address.s_addr) >> 24U == 127;
  return name == "localhost" || name == "[::1]";
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool plain = letter || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

}  // namespace sightline
