#include "cli/client/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace sightline::cli {
namespace {

constexpr int kReadAttempts = 4;
constexpr std::int64_t kDefaultRetryMs = 1000;
constexpr std::int64_t kMaxRetryMs = 30'000;
constexpr std::size_t kMaxTokenFileBytes = 4096;

Result<std::string> read_token(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string text(kMaxTokenFileBytes, '\0');
  if (!stream || !stream.read(text.data(), static_cast<std::streamsize>(text.size())).eof()) {
    return fail(ErrorCode::unavailable, fmt::format("cannot read a token from {}", file));
  }
  text.resize(static_cast<std::size_t>(stream.gcount()));
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return fail(ErrorCode::invalid_input, fmt::format("{} holds no token", file));
  text = text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
  // Anything else would end the header and start another.
  const bool plain = std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
  if (!plain) return fail(ErrorCode::invalid_input, fmt::format("{} holds something else than one token", file));
  return text;
}

Result<std::string> find_token(const ConnectionOptions& options, const Io& io) {
  if (!options.token_file.empty()) return read_token(options.token_file);
  if (const auto token = io.environment("SIGHTLINE_TOKEN")) return *token;
  if (const auto file = io.environment("SIGHTLINE_TOKEN_FILE")) return read_token(*file);
  return std::string();
}

std::string first_of(const std::string& option, const Io& io, const char* variable, std::string_view otherwise) {
  if (!option.empty()) return option;
  return io.environment(variable).value_or(std::string(otherwise));
}

std::string how_to_start(const std::string& server) {
  const std::size_t host_at = server.find("://");
  const std::string_view host = std::string_view(server).substr(host_at == std::string::npos ? 0 : host_at + 3);
  return fmt::format("is the server running? Start it with: sightlined serve --data DIR --listen {}", host);
}

constexpr std::string_view kWhereTheTokenIs =
    "The server's first start wrote one to DIR/admin.token, DIR being its data folder; name it with --token-file or "
    "SIGHTLINE_TOKEN_FILE";

// {"error":{"code":…,"message":…}}, or whatever a proxy in between answered.
std::string message_of(const HttpResponse& response) {
  if (const Result<Json> json = parse_json(response.body)) {
    // Of a mistake in a query: the query with the place marked.
    if (const Json* rendered = json->find_path({"error", "rendered"})) return rendered->as_text();
    if (const Json* message = json->find_path({"error", "message"})) return message->as_text();
  }
  std::string text = response.body.substr(0, 200);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text.empty() ? fmt::format("HTTP status {}", response.status) : text;
}

ErrorCode code_of_status(int status) {
  switch (status) {
    case 401:
      return ErrorCode::unauthenticated;
    case 403:
      return ErrorCode::permission_denied;
    case 404:
      return ErrorCode::not_found;
    case 409:
      return ErrorCode::conflict;
    case 413:
      return ErrorCode::too_large;
    case 429:
    case 503:
      return ErrorCode::busy;
    case 408:
    case 504:
      return ErrorCode::timeout;
    default:
      return status >= 400 && status < 500 ? ErrorCode::invalid_input : ErrorCode::unavailable;
  }
}

}  // namespace

void add_connection_options(Command& command, ConnectionOptions& options) {
  command.group("Connection")
      .option("--server", "URL", options.server, fmt::format("The server [SIGHTLINE_SERVER, else {}]", kDefaultServer))
      .option("--token-file", "FILE", options.token_file,
              "File that holds the access token [SIGHTLINE_TOKEN_FILE; SIGHTLINE_TOKEN is the token itself]")
      .option("--ca-file", "FILE", options.ca_file, "Certificates to trust instead of the system's [SIGHTLINE_CA_FILE]")
      .group("Options");
}

Connection::Connection(Io& io, std::string server, std::string token, std::string ca_file)
    : io_(&io), server_(std::move(server)), token_(std::move(token)), ca_file_(std::move(ca_file)) {}

Result<Connection> Connection::open(const ConnectionOptions& options, Io& io) {
  std::string server = first_of(options.server, io, "SIGHTLINE_SERVER", kDefaultServer);
  if (!server.starts_with("http://") && !server.starts_with("https://")) {
    return fail(ErrorCode::invalid_input,
                fmt::format("the server's address \"{}\" must start with http:// or https://", server));
  }
  while (server.ends_with('/')) server.pop_back();
  Result<std::string> token = find_token(options, io);
  if (!token) return std::unexpected(token.error());
  if (!token->empty() && server.starts_with("http://") && !is_loopback_url(server)) {
    return fail(ErrorCode::invalid_input,
                fmt::format("will not send a token in the clear to {}: use https://", server));
  }
  return Connection(io, std::move(server), std::move(*token), first_of(options.ca_file, io, "SIGHTLINE_CA_FILE", ""));
}

Result<HttpResponse> Connection::send(HttpRequest request, const std::string& path) {
  request.url = server_ + path;
  request.ca_file = ca_file_;
  if (!token_.empty()) request.headers.emplace_back("Authorization", "Bearer " + token_);
  Result<HttpResponse> response = io_->http.send(request);
  if (!response && response.error().code == ErrorCode::unavailable) {
    return fail(ErrorCode::unavailable,
                fmt::format("cannot reach {}\n  hint: {}", response.error().message, how_to_start(server_)));
  }
  return response;
}

Result<Json> Connection::get(const std::string& path) { return ask("GET", path, {}, kReadAttempts); }

Result<Json> Connection::search(const std::string& path, const std::string& body) {
  return ask("POST", path, body, kReadAttempts);
}

Result<Json> Connection::change(const std::string& method, const std::string& path, const std::string& body) {
  return ask(method, path, body, 1);
}

Result<Json> Connection::ask(const std::string& method, const std::string& path, const std::string& body,
                             int attempts) {
  for (int attempt = 1;; ++attempt) {
    HttpRequest request;
    request.method = method;
    request.body = body;
    if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
    const Result<HttpResponse> response = send(std::move(request), path);
    if (!response) return std::unexpected(response.error());
    if (response->status >= 200 && response->status < 300) {
      if (response->body.empty()) return Json{};
      Result<Json> json = parse_json(response->body);
      if (json) return json;
      return fail(ErrorCode::unavailable,
                  fmt::format("{} did not answer as a Sightline server: {}", server_ + path, json.error().message));
    }
    const bool busy = response->status == 429 || response->status == 503;
    if (!busy || attempt >= attempts) return std::unexpected(error_of_answer(*response, server_, !token_.empty()));
    const std::int64_t wait_ms = response->retry_after_s ? *response->retry_after_s * 1000 : kDefaultRetryMs;
    io_->sleep(std::min(wait_ms, kMaxRetryMs));
  }
}

Error error_of_answer(const HttpResponse& response, const std::string& server, bool had_token) {
  const ErrorCode code = code_of_status(response.status);
  const std::string message = message_of(response);
  if (code == ErrorCode::unauthenticated) {
    const std::string_view what = had_token ? "does not know this access token" : "wants an access token";
    return {code, fmt::format("{} {}\n  hint: {}", server, what, kWhereTheTokenIs)};
  }
  if (code == ErrorCode::permission_denied) {
    return {code, fmt::format("{}\n  hint: sightline token list shows what each token may do", message)};
  }
  if (code == ErrorCode::busy) return {code, fmt::format("{} is busy: {}\n  hint: try again later", server, message)};
  return {code, message};
}

}  // namespace sightline::cli
