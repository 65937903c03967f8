// The server a command talks to: where it is, the token, and answers as JSON or as errors that say what to do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "cli/client/json.h"
#include "cli/terminal/command.h"
#include "cli/terminal/io.h"
#include "http_client/http_client.h"

namespace sightline::cli {

inline constexpr std::string_view kDefaultServer = "http://127.0.0.1:8080";

struct ConnectionOptions {
  std::string server;      // empty: SIGHTLINE_SERVER, then kDefaultServer
  std::string token_file;  // empty: SIGHTLINE_TOKEN, then SIGHTLINE_TOKEN_FILE, then no token
  std::string ca_file;     // empty: SIGHTLINE_CA_FILE, then the system's certificates
};

// --server, --token-file, --ca-file. There is no option for the token itself: arguments can be read by every user of
// the machine and stay in the shell's history.
void add_connection_options(Command& command, ConnectionOptions& options);

// One server and credential. Not thread-safe.
class Connection {
 public:
  // Reads the token file. Errors: invalid_input (address, empty file), unavailable (unreadable file).
  static Result<Connection> open(const ConnectionOptions& options, Io& io);

  // The JSON of a 2xx answer; any other status is an Error whose message says what to do. Requests that change nothing
  // are repeated a few times where the server is busy, after as long as it asked for.
  Result<Json> get(const std::string& path);
  Result<Json> search(const std::string& path, const std::string& body);  // POST that changes nothing
  Result<Json> change(const std::string& method, const std::string& path, const std::string& body);

  // Sends once, with the token; any status is an answer. `headers` come on top.
  Result<HttpResponse> send(HttpRequest request, const std::string& path);

  const std::string& server() const { return server_; }
  bool is_loopback() const { return is_loopback_url(server_); }
  bool has_token() const { return !token_.empty(); }

 private:
  Connection(Io& io, std::string server, std::string token, std::string ca_file);
  Result<Json> ask(const std::string& method, const std::string& path, const std::string& body, int attempts);

  Io* io_;
  std::string server_;  // without a slash at the end
  std::string token_;
  std::string ca_file_;
};

// What a non-2xx answer means to the user. `had_token`: a token was sent.
Error error_of_answer(const HttpResponse& response, const std::string& server, bool had_token);

}  // namespace sightline::cli
