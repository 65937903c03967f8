// What a request head must keep beyond what the parser checks: everything on which two HTTP implementations are known
// to disagree (request smuggling) is refused, not repaired.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/http/message.h"

namespace sightline::http {

struct HeadProblem {
  int status = 400;
  std::string message;
};

// `head` is the request line and the headers with the empty line that ends them. Refuses folded lines, line ends other
// than CR LF, NUL, and more than `max_header_count` headers.
std::optional<HeadProblem> check_head_text(std::string_view head, std::size_t max_header_count);

// Refuses more than one Content-Length, one that is not plain digits, Transfer-Encoding beside Content-Length or in
// HTTP/1.0, any transfer coding but a single "chunked", no or more than one Host, more than one of the headers that say
// who asks for what (Authorization, Idempotency-Key, Content-Encoding, …), and expectations other than 100-continue.
std::optional<HeadProblem> check_framing(const Request& request, bool http_1_0);

}  // namespace sightline::http
