// Requests and responses as the handlers see them. Nothing here knows a socket or a library.
#pragma once

#include <any>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sightline::http {

using NameValues = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string id;         // 16 hexadecimal digits, made by the server; names the request in the log and in answers
  std::string method;     // GET, POST, …
  std::string path;       // as sent, without the query: "/v1/alerts/ab%20c"
  NameValues query;       // percent-decoded, in order
  NameValues headers;     // names in lower case, in order
  NameValues parameters;  // of the route's pattern, percent-decoded
  std::string body;       // as sent: a Content-Encoding is not undone
  std::string peer;       // address:port

  // What Route::admit found out: who asks (for the log), and whatever its handler wants to be handed.
  std::string principal;
  std::any admission;

  // Asked to stop when the client went away or the server must stop at once.
  std::stop_token stop;

  // The first header of that lower-case name.
  std::optional<std::string_view> header(std::string_view lower_case_name) const;
  // The first value of that name in the query.
  std::optional<std::string_view> query_value(std::string_view name) const;
  // A parameter of the route's pattern; empty where the pattern has none of that name.
  std::string_view parameter(std::string_view name) const;
};

// Takes the pieces of a response whose length is not known before.
class BodyWriter {
 public:
  virtual ~BodyWriter() = default;
  // Blocks until the piece is handed to the network. False: the client is gone or too slow, stop writing.
  virtual bool write(std::string_view piece) = 0;
};

struct Response {
  int status = 200;
  std::string content_type;  // empty: no header
  NameValues headers;        // further ones; values hold no line breaks
  std::string body;
  std::function<void(BodyWriter&)> stream;  // where set, it writes the body, on the thread that ran the handler
};

Response json_response(int status, std::string json);
Response text_response(int status, std::string text);

// {"error":{"code":…,"message":…}}; the code follows from the status where none is given.
Response error_response(int status, std::string_view message, std::string_view code = {});
// The same with Retry-After.
Response retry_response(int status, std::string_view message, int retry_after_s);

// "Not Found" and the like; "Unknown" for a status we never send.
std::string_view status_reason(int status);
// "not_found" and the like: the `code` of an error body.
std::string_view status_code_name(int status);

}  // namespace sightline::http
