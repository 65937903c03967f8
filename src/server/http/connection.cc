#include "server/http/connection.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <future>
#include <random>
#include <utility>

#include "server/http/head_check.h"

namespace sightline::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::awaitable;

namespace {

// Completes with an error code instead of throwing one.
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::size_t kWriteBytes = 64 * 1024;
constexpr std::size_t kMaxChunkHeaderBytes = 4 * 1024;  // size line, extensions and trailers of a chunked body
constexpr std::size_t kMaxDrainBytes = 16 * 1024 * 1024;
constexpr std::chrono::milliseconds kDrainTimeout{2'000};
constexpr std::chrono::milliseconds kLookPause{250};

std::string make_request_id() {
  thread_local std::mt19937_64 generator{std::random_device{}()};
  return fmt::format("{:016x}", generator());
}

std::string peer_text(const Connection::Socket& socket) {
  boost::system::error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return "unknown";
  return fmt::format("{}:{}", endpoint.address().to_string(), endpoint.port());
}

// Where the empty line ends that ends the head; 0 where it is not there yet.
std::size_t find_head_end(std::string_view bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  return end == std::string_view::npos ? 0 : end + 4;
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

std::string_view view(const beast::flat_buffer& buffer) {
  return {static_cast<const char*>(buffer.data().data()), buffer.data().size()};
}

bool has_line_break(std::string_view text) { return text.find_first_of("\r\n") != std::string_view::npos; }

}  // namespace

struct Connection::Turn {
  explicit Turn(MemoryBudget& budget) : share(budget) {}

  using Parser = beast::http::request_parser<beast::http::string_body>;

  MemoryShare share;  // first: the body goes before its share is given back
  Request request;
  Response response;
  Exchange record;
  std::optional<Parser> parser = std::make_optional<Parser>();
  const Route* route = nullptr;
  std::chrono::steady_clock::time_point started;
  bool http_1_0 = false;
  bool keep_alive = false;
  bool has_body = false;
  bool answered = false;  // there is a response, no handler shall run
  bool sent = false;      // the response has been written as a stream
  bool client_gone = false;

  // Before the answer is sent, which may take long.
  void free_body() {
    parser.reset();
    request.body = std::string();
    share.release();
  }
  void answer_with(Response with) {
    response = std::move(with);
    answered = true;
  }
  // The rest of what the client sent cannot be told from a next request.
  void refuse(int status, std::string_view message) {
    record.problem = message;
    keep_alive = false;
    answer_with(error_response(status, message));
  }
};

// Passes pieces from a handler's thread to the strand and waits for each.
class Connection::ChunkWriter final : public BodyWriter {
 public:
  ChunkWriter(Connection& connection, Turn& turn) : connection_(connection), turn_(turn) {}

  bool write(std::string_view piece) override {
    if (piece.empty()) return !failed_;
    turn_.record.response_bytes += piece.size();
    return write_raw(turn_.http_1_0 ? std::string(piece) : fmt::format("{:x}\r\n{}\r\n", piece.size(), piece));
  }

  bool write_raw(const std::string& bytes) {
    if (failed_) return false;
    std::promise<bool> written;
    asio::co_spawn(connection_.executor(), connection_.write_all(bytes),
                   [&written](const std::exception_ptr& problem, bool ok) { written.set_value(!problem && ok); });
    failed_ = !written.get_future().get();
    return !failed_;
  }

 private:
  Connection& connection_;
  Turn& turn_;
  bool failed_ = false;
};

Connection::Connection(Socket socket, Shared& shared)
    : socket_(std::move(socket)),
      shared_(shared),
      peer_(peer_text(socket_)),
      deadline_(socket_.get_executor()),
      next_look_(socket_.get_executor()) {
  if (shared_.tls) use_tls(shared_.tls->context());
}

bool Connection::has_bytes() const {
  boost::system::error_code ignored;
  return socket_.available(ignored) > 0;
}

void Connection::make_way() {
  idle_since_.reset();
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void Connection::finish_soon() {
  asio::post(executor(), [self = shared_from_this()] {
    boost::system::error_code ignored;
    if (self->idle_since_) self->socket_.cancel(ignored);
  });
}

void Connection::abort() {
  asio::post(executor(), [self = shared_from_this()] {
    self->stop_.request_stop();
    boost::system::error_code ignored;
    self->socket_.close(ignored);
  });
}

awaitable<void> Connection::run() {
  const auto self = shared_from_this();
  bool more = true;
  if (tls_) more = co_await shake_hands();
  while (more) more = co_await serve_one();
  disarm_deadline();
  boost::system::error_code ignored;
  socket_.close(ignored);
}

awaitable<bool> Connection::serve_one() {
  const auto turn = std::make_unique<Turn>(shared_.body_memory);
  const bool complete = co_await read_head(*turn);
  if (!complete && !turn->answered) co_return false;
  if (!turn->answered) co_await answer(*turn);
  turn->free_body();
  if (turn->client_gone) {
    report(*turn);
    co_return false;
  }
  if (shared_.stopping) turn->keep_alive = false;
  if (!turn->sent) co_await send(*turn);
  report(*turn);
  if (turn->client_gone) co_return false;
  if (!turn->keep_alive) co_await drain();
  co_return turn->keep_alive;
}

// ---- reading

awaitable<bool> Connection::read_some(std::chrono::milliseconds timeout) {
  arm_deadline(timeout);
  const auto room = input_.prepare(kReadBytes);
  const auto [error, size] =
      tls_ ? co_await tls_->async_read_some(room, kAwait) : co_await socket_.async_read_some(room, kAwait);
  disarm_deadline();
  if (error) co_return false;
  input_.commit(size);
  co_return true;
}

awaitable<bool> Connection::read_head(Turn& turn) {
  if (input_.size() == 0) {
    if (shared_.stopping) co_return false;
    idle_since_ = std::chrono::steady_clock::now();
    const bool got_bytes = co_await read_some(shared_.limits.idle_timeout);
    idle_since_.reset();
    if (!got_bytes) co_return false;
  }
  turn.started = std::chrono::steady_clock::now();
  const auto latest = turn.started + shared_.limits.head_timeout;
  while (true) {
    // Some clients send an empty line after a body; nothing else may stand before a request line.
    if (view(input_).starts_with("\r\n")) input_.consume(2);
    const std::size_t size = find_head_end(view(input_));
    if (std::max(size, size == 0 ? input_.size() : 0) > shared_.limits.max_head_bytes) {
      turn.refuse(431, fmt::format("the head is larger than {} bytes", shared_.limits.max_head_bytes));
      co_return true;
    }
    if (size != 0) {
      parse_head(turn, size);
      co_return true;
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(latest - std::chrono::steady_clock::now());
    const bool got_bytes = left.count() > 0 && co_await read_some(left);
    if (got_bytes) continue;
    if (timed_out_ || left.count() <= 0) turn.refuse(408, "the head did not arrive in time");
    co_return false;
  }
}

void Connection::parse_head(Turn& turn, std::size_t size) {
  turn.request.id = make_request_id();
  turn.request.peer = peer_;
  if (auto problem = check_head_text(view(input_).substr(0, size), shared_.limits.max_header_count)) {
    return turn.refuse(problem->status, problem->message);
  }
  boost::system::error_code error;
  turn.parser->header_limit(static_cast<std::uint32_t>(shared_.limits.max_head_bytes));
  turn.parser->body_limit(boost::none);  // find_route sets it
  turn.parser->put(asio::buffer(input_.data().data(), size), error);
  if (error == beast::http::error::bad_version) return turn.refuse(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
  if ((error && error != beast::http::error::need_more) || !turn.parser->is_header_done()) {
    return turn.refuse(400, fmt::format("the head is not HTTP: {}", error.message()));
  }
  input_.consume(size);
  const auto& message = turn.parser->get();
  turn.http_1_0 = message.version() == 10;
  turn.request.method = message.method_string();
  for (const auto& field : message) {
    turn.request.headers.emplace_back(lower_case(field.name_string()), field.value());
  }
  if (auto problem = check_framing(turn.request, turn.http_1_0)) return turn.refuse(problem->status, problem->message);
  turn.keep_alive = !turn.http_1_0 && message.keep_alive();
  turn.has_body = turn.parser->chunked() || turn.parser->content_length().value_or(0) > 0;
  find_route(turn);
}

// Fills path, query, route. A refusal of a request that has a body ends the connection, since the body is not read.
void Connection::find_route(Turn& turn) {
  Request& request = turn.request;
  const auto answer_early = [&](Response response) {
    if (turn.has_body) turn.keep_alive = false;
    turn.answer_with(std::move(response));
  };
  const auto host = request.header("host").value_or("");
  auto target = parse_target(std::string_view(turn.parser->get().target()));
  if (!target) return answer_early(error_response(400, target.error().message));
  request.path = target->path;
  if (!shared_.hosts.allows_host(host) || (!target->authority.empty() && target->authority != host)) {
    turn.record.problem = "host not allowed";
    return answer_early(
        error_response(403, "this server does not answer to that Host (see --allow-host)", "host_not_allowed"));
  }
  const auto origin = request.header("origin");
  if (origin && !shared_.hosts.allows_origin(*origin, host)) {
    turn.record.problem = "origin not allowed";
    return answer_early(error_response(403, "requests from pages of another origin are refused", "origin_not_allowed"));
  }
  auto match = shared_.router.match(request.method, *target);
  request.query = std::move(target->query);
  request.parameters = std::move(match.parameters);
  if (match.route) {
    turn.route = match.route;
    turn.parser->body_limit(match.route->max_body_bytes);
  } else if (match.allowed.empty()) {
    answer_early(error_response(404, "there is nothing at this path; see /openapi.yaml for what there is"));
  } else {
    Response response = error_response(405, "this path does not have that method");
    response.headers.emplace_back("Allow", fmt::format("{}", fmt::join(match.allowed, ", ")));
    answer_early(std::move(response));
  }
}

awaitable<bool> Connection::offer_to_continue(Turn& turn) {
  if (turn.http_1_0 || !turn.request.header("expect") || input_.size() > 0) co_return true;
  const bool written = co_await write_all("HTTP/1.1 100 Continue\r\n\r\n");
  co_return written;
}

// False where there is an answer already: no room, or too large.
bool Connection::reserve_body(Turn& turn) {
  const std::uint64_t announced = turn.parser->content_length().value_or(0);
  if (announced > turn.route->max_body_bytes) {
    turn.refuse(413, turn.route->max_body_bytes == 0
                         ? std::string("this request takes no body")
                         : fmt::format("the body may have at most {} bytes", turn.route->max_body_bytes));
    return false;
  }
  const std::size_t wanted = std::max<std::uint64_t>(announced, turn.parser->get().body().capacity());
  if (!turn.share.grow_to(wanted, turn.request.principal)) {
    turn.keep_alive = false;
    turn.record.problem = "no memory left for request bodies";
    turn.answer_with(retry_response(503, "too much is being received at the moment", 1));
    return false;
  }
  return true;
}

awaitable<bool> Connection::read_body(Turn& turn) {
  if (!reserve_body(turn)) co_return true;
  const bool may_go_on = co_await offer_to_continue(turn);
  if (!may_go_on) co_return false;
  const auto latest = std::chrono::steady_clock::now() + shared_.limits.body_timeout;
  turn.parser->eager(true);
  while (true) {
    boost::system::error_code error;
    if (input_.size() > 0) input_.consume(turn.parser->put(input_.data(), error));
    if (error == beast::http::error::body_limit) {
      turn.refuse(413, fmt::format("the body may have at most {} bytes", turn.route->max_body_bytes));
      co_return true;
    }
    if (error && error != beast::http::error::need_more) {
      turn.refuse(400, fmt::format("the body is not framed properly: {}", error.message()));
      co_return true;
    }
    if (turn.parser->is_done()) break;
    if (!reserve_body(turn)) co_return true;
    if (input_.size() > kMaxChunkHeaderBytes) {
      turn.refuse(400, "a chunk's header or the trailer is too long");
      co_return true;
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(latest - std::chrono::steady_clock::now());
    const auto patience = std::min(left, shared_.limits.body_idle_timeout);
    const bool got_bytes = patience.count() > 0 && co_await read_some(patience);
    if (got_bytes) continue;
    if (!timed_out_ && patience.count() > 0) co_return false;
    turn.refuse(408, "the body did not arrive in time");
    co_return true;
  }
  turn.request.body = std::move(turn.parser->get().body());
  turn.record.request_bytes = turn.request.body.size();
  turn.has_body = false;
  co_return true;
}

// ---- answering

awaitable<void> Connection::answer(Turn& turn) {
  const Route& route = *turn.route;
  const bool wants_length =
      route.max_body_bytes > 0 && route.method != "GET" && !turn.parser->chunked() && !turn.parser->content_length();
  if (wants_length) co_return turn.refuse(411, "a body with Content-Length or Transfer-Encoding: chunked is needed");
  stop_ = std::stop_source();
  turn.request.stop = stop_.get_token();
  if (turn.has_body) {
    co_await run_handler(turn, true, false);
    if (turn.answered) turn.keep_alive = false;
    if (!turn.answered) {
      const bool complete = co_await read_body(turn);
      if (!complete) turn.client_gone = true;
    }
    if (turn.answered || turn.client_gone) co_return;
    co_await run_handler(turn, false, true);
  } else {
    co_await run_handler(turn, true, true);
  }
}

awaitable<void> Connection::run_handler(Turn& turn, bool admit, bool handle) {
  if (turn.route->pool == Pool::inline_) {
    call_handler(turn, admit, handle);
    co_return;
  }
  handling_ = true;
  // A timer that never expires is what the worker wakes this coroutine with.
  asio::steady_timer finished(executor(), asio::steady_timer::time_point::max());
  WorkerPool::Task task = [this, &turn, &finished, admit, handle] {
    call_handler(turn, admit, handle);
    asio::post(executor(), [&finished] { finished.cancel(); });
  };
  WorkerPool& pool = turn.route->pool == Pool::ingest ? shared_.ingest_pool : shared_.query_pool;
  if (pool.submit(task)) {
    watch_for_disconnect();
    co_await finished.async_wait(kAwait);
  } else {
    turn.record.problem = "the queue of requests is full";
    turn.answer_with(retry_response(503, "too many requests are waiting", 1));
  }
  handling_ = false;
  next_look_.cancel();
}

// On a thread of the pool: the coroutine is suspended meanwhile, so the turn is this thread's alone.
void Connection::call_handler(Turn& turn, bool admit, bool handle) {
  try {
    if (admit && turn.route->admit) {
      if (auto refusal = turn.route->admit(turn.request)) turn.answer_with(std::move(*refusal));
    }
    if (!handle || turn.answered) return;
    turn.answer_with(turn.route->handle(turn.request));
    if (turn.response.stream) stream_from_worker(turn);
  } catch (const std::exception& problem) {
    turn.record.problem = fmt::format("exception: {}", problem.what());
    turn.answer_with(error_response(500, "the server made a mistake; its log names this request"));
    turn.keep_alive = turn.keep_alive && !turn.sent;
  }
}

void Connection::stream_from_worker(Turn& turn) {
  if (turn.route->pool == Pool::inline_) throw std::logic_error("a stream needs a pool");
  if (turn.http_1_0 || shared_.stopping) turn.keep_alive = false;
  turn.sent = true;
  ChunkWriter writer(*this, turn);
  const bool head_only = turn.request.method == "HEAD";
  bool complete = writer.write_raw(response_head(turn));
  if (complete && !head_only) {
    turn.client_gone = true;  // until the last piece is out, an exception leaves the answer cut short
    turn.response.stream(writer);
    complete = turn.http_1_0 ? writer.write({}) : writer.write_raw("0\r\n\r\n");
  }
  turn.client_gone = !complete;
}

// While a handler runs nobody reads from the socket: an end of the stream is noticed here.
void Connection::watch_for_disconnect() {
  if (watching_) return;
  watching_ = true;
  socket_.async_wait(Socket::wait_read, [self = shared_from_this()](const boost::system::error_code& error) {
    self->watching_ = false;
    if (!self->handling_) return;
    if (error) return self->stop_.request_stop(), void();
    self->look_for_disconnect();
  });
}

void Connection::look_for_disconnect() {
  char byte = 0;
  const auto got = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  const bool nothing_yet = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
  if (nothing_yet) return watch_for_disconnect();
  if (got <= 0) return stop_.request_stop(), void();
  if (!tls_) return;
  // A TLS client says goodbye before it closes, so the end stands behind bytes.
  pollfd state{socket_.native_handle(), POLLRDHUP, 0};
  if (::poll(&state, 1, 0) > 0) return stop_.request_stop(), void();
  next_look_.expires_after(kLookPause);
  next_look_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (!error && self->handling_) self->look_for_disconnect();
  });
}

std::string Connection::response_head(Turn& turn) const {
  const Response& response = turn.response;
  std::string head = fmt::format("HTTP/1.1 {} {}\r\nDate: {:%a, %d %b %Y %H:%M:%S} GMT\r\n", response.status,
                                 status_reason(response.status), fmt::gmtime(std::time(nullptr)));
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!has_line_break(value)) fmt::format_to(std::back_inserter(head), "{}: {}\r\n", name, value);
  };
  if (!response.content_type.empty()) add("Content-Type", response.content_type);
  for (const auto& [name, value] : response.headers) add(name, value);
  add("X-Content-Type-Options", "nosniff");
  add("Cache-Control", "no-store");
  if (!turn.request.id.empty()) add("X-Request-Id", turn.request.id);
  if (!turn.keep_alive) add("Connection", "close");
  if (response.stream) {
    if (!turn.http_1_0) add("Transfer-Encoding", "chunked");
  } else if (response.status != 204) {
    add("Content-Length", fmt::format("{}", response.body.size()));
  }
  return head + "\r\n";
}

awaitable<void> Connection::send(Turn& turn) {
  const std::string head = response_head(turn);
  bool written = co_await write_all(head);
  if (written && turn.request.method != "HEAD" && turn.response.status != 204) {
    written = co_await write_all(turn.response.body);
    if (written) turn.record.response_bytes = turn.response.body.size();
  }
  turn.client_gone = !written;
}

awaitable<bool> Connection::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kWriteBytes);
    arm_deadline(shared_.limits.write_timeout);
    const auto bytes_to_go = asio::buffer(piece.data(), piece.size());
    const auto [error, size] = tls_ ? co_await asio::async_write(*tls_, bytes_to_go, kAwait)
                                    : co_await asio::async_write(socket_, bytes_to_go, kAwait);
    disarm_deadline();
    if (error) co_return false;
    bytes.remove_prefix(size);
  }
  co_return true;
}

// Closing a socket with unread bytes makes the system send a reset, which can destroy the answer on its way: so read
// what still comes, for a while.
awaitable<void> Connection::drain() {
  co_await finish_sending(kDrainTimeout);
  const auto latest = std::chrono::steady_clock::now() + kDrainTimeout;
  std::size_t drained = 0;
  while (drained < kMaxDrainBytes && !shared_.stopping) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(latest - std::chrono::steady_clock::now());
    input_.consume(input_.size());
    const bool got_bytes = left.count() > 0 && co_await read_some(left);
    if (!got_bytes) co_return;
    drained += input_.size();
  }
}

void Connection::report(Turn& turn) {
  if (!shared_.observer) return;
  Exchange& record = turn.record;
  record.request_id = turn.request.id;
  record.method = turn.request.method;
  record.path = turn.request.path;
  if (turn.route) record.pattern = turn.route->pattern;
  record.status = turn.answered ? turn.response.status : 0;
  record.duration =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - turn.started);
  record.principal = turn.request.principal;
  record.peer = peer_;
  shared_.observer(record);
}

// ---- deadlines

void Connection::arm_deadline(std::chrono::milliseconds timeout) {
  timed_out_ = false;
  const std::uint64_t generation = ++deadline_generation_;
  deadline_.expires_after(timeout);
  deadline_.async_wait([self = shared_from_this(), generation](const boost::system::error_code& error) {
    if (error || generation != self->deadline_generation_) return;
    self->timed_out_ = true;
    boost::system::error_code ignored;
    self->socket_.cancel(ignored);
  });
}

void Connection::disarm_deadline() {
  ++deadline_generation_;
  deadline_.cancel();
}

}  // namespace sightline::http
