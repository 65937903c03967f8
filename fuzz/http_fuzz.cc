// Any bytes as what a client sends: a connection of the server takes them, in this thread, from one end of a pair of
// sockets. It comes to an end, and what it answers is whole HTTP answers, one for each request that it reports.
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "server/http/connection.h"

namespace {

using namespace sightline::http;
namespace asio = boost::asio;

constexpr std::size_t kMaxBody = 1'000;

void require(bool holds) {
  if (!holds) std::abort();
}

std::size_t reported = 0;

Response answer(Request& request) {
  require(request.body.size() <= kMaxBody);
  for (const auto& [name, value] : request.headers) {
    require(!name.empty() && name.find_first_of(" :\r\n") == std::string::npos);
    require(value.find_first_of("\r\n") == std::string::npos);
  }
  return text_response(200, request.path + request.body);
}

Router make_router() {
  Router router;
  for (const auto& [method, pattern, max_body] :
       {std::tuple("GET", "/", std::size_t{0}), {"GET", "/v1/alerts/{id}", 0}, {"POST", "/v1/events", kMaxBody}}) {
    Route route;
    route.method = method;
    route.pattern = pattern;
    route.pool = Pool::inline_;
    route.max_body_bytes = max_body;
    route.admit = [](Request& request) -> std::optional<Response> {
      if (request.header("authorization").value_or("") != "no") return std::nullopt;
      return error_response(401, "no");
    };
    route.handle = answer;
    router.add(std::move(route));
  }
  return router;
}

Shared& shared() {
  static Shared made{make_router(),         HostPolicy(),     Limits(),         [](const Exchange&) { ++reported; },
                     MemoryBudget(100'000), WorkerPool(0, 0), WorkerPool(0, 0), nullptr};
  return made;
}

// Takes one answer off; false where it is not whole.
bool take_answer(std::string_view& bytes, bool& interim) {
  if (!bytes.starts_with("HTTP/1.1 ")) return false;
  interim = bytes.starts_with("HTTP/1.1 100 ");
  const std::size_t head_end = bytes.find("\r\n\r\n");
  if (head_end == std::string_view::npos) return false;
  const std::string_view head = bytes.substr(0, head_end);
  bytes.remove_prefix(head_end + 4);
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  const std::size_t at = head.find(kLength);
  if (at == std::string_view::npos) return interim;
  std::size_t size = 0;
  std::from_chars(head.data() + at + kLength.size(), head.data() + head.size(), size);
  if (size > bytes.size()) return false;
  bytes.remove_prefix(size);
  return true;
}

// Everything fits into the buffers of the pair: nobody has to read meanwhile.
std::string converse(std::string_view bytes) {
  int ends[2];
  require(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  const int large = 1 << 20;
  for (const int end : ends) ::setsockopt(end, SOL_SOCKET, SO_SNDBUF, &large, sizeof large);
  require(::send(ends[0], bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
  ::shutdown(ends[0], SHUT_WR);
  {
    asio::io_context io(1);
    const auto connection = std::make_shared<Connection>(
        asio::ip::tcp::socket(asio::make_strand(io), asio::ip::tcp::v4(), ends[1]), shared());
    asio::co_spawn(connection->executor(), connection->run(), asio::detached);
    io.run();
  }
  std::string answers;
  char piece[65'536];
  for (ssize_t count = 0; (count = ::read(ends[0], piece, sizeof piece)) > 0;) {
    answers.append(piece, static_cast<std::size_t>(count));
  }
  ::close(ends[0]);
  return answers;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMaxInput = 20'000;
  if (size == 0 || size > kMaxInput) return 0;
  reported = 0;
  const std::string answers = converse({reinterpret_cast<const char*>(data), size});
  std::string_view rest = answers;
  std::size_t whole = 0;
  const bool to_head =
      std::string_view(reinterpret_cast<const char*>(data), size).find("HEAD ") != std::string_view::npos;
  while (!rest.empty() && !to_head) {
    bool interim = false;
    require(take_answer(rest, interim));
    if (!interim) ++whole;
  }
  require(to_head || whole <= reported);
  require(shared().body_memory.used_bytes() == 0);
  return 0;
}
