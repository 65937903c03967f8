// A client that sends exactly the bytes a test wants and reads one answer at a time. Blocking; waits at most
// kPatience_s.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sightline::testing {

struct RawResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  // lower case; the last of each name
  std::string body;                            // chunks put together
  bool complete = false;                       // false: the connection ended first

  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

class RawClient {
 public:
  static constexpr int kPatience_s = 90;  // only to end a hanging test

  // `from`: the address of loopback that it comes from.
  explicit RawClient(std::uint16_t port, const char* from = "127.0.0.1") : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval patience{kPatience_s, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    ::inet_pton(AF_INET, from, &address.sin_addr);
    ::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  virtual ~RawClient() { close(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return connected_; }

  // False where the server closed the connection meanwhile.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = write_some(bytes.data(), bytes.size());
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // The next answer, interim ones (100) included. `to_head`: an answer to HEAD has no body.
  RawResponse read(bool to_head = false) {
    RawResponse response;
    std::size_t head_end = 0;
    while ((head_end = buffered_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive()) return response;
    }
    parse_head(buffered_.substr(0, head_end + 2), response);
    buffered_.erase(0, head_end + 4);
    const bool bodiless = to_head || response.status == 204 || response.status < 200;
    response.complete = bodiless || read_body(response);
    return response;
  }

  RawResponse ask(std::string_view request) {
    send(request);
    return read();
  }

  // True once the server has closed and nothing is left to read.
  bool closed_by_server() {
    while (receive()) {
    }
    return buffered_.empty();
  }

  std::string read_to_end() {
    while (receive()) {
    }
    return std::exchange(buffered_, {});
  }

  void finish_sending() { ::shutdown(socket_, SHUT_WR); }
  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }
  // Closes with a reset instead of an end.
  void reset() {
    const linger at_once{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
  }

 protected:
  int socket() const { return socket_; }

 private:
  virtual ssize_t write_some(const char* bytes, std::size_t size) { return ::send(socket_, bytes, size, MSG_NOSIGNAL); }
  virtual ssize_t read_some(char* bytes, std::size_t size) { return ::recv(socket_, bytes, size, 0); }

  bool receive() {
    char bytes[16384];
    const auto got = read_some(bytes, sizeof bytes);
    if (got <= 0) return false;
    buffered_.append(bytes, static_cast<std::size_t>(got));
    return true;
  }

  bool fill(std::size_t size) {
    while (buffered_.size() < size) {
      if (!receive()) return false;
    }
    return true;
  }

  std::string take(std::size_t size) {
    std::string taken = buffered_.substr(0, size);
    buffered_.erase(0, size);
    return taken;
  }

  static void parse_head(const std::string& head, RawResponse& response) {
    response.status = head.size() > 12 ? std::atoi(head.c_str() + 9) : 0;
    for (std::size_t begin = head.find("\r\n") + 2; begin < head.size();) {
      const std::size_t end = head.find("\r\n", begin);
      const std::string line = head.substr(begin, end - begin);
      const std::size_t colon = line.find(": ");
      std::string name = line.substr(0, colon);
      std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
      if (colon != std::string::npos) response.headers[name] = line.substr(colon + 2);
      begin = end + 2;
    }
  }

  bool read_body(RawResponse& response) {
    if (response.header("transfer-encoding") == "chunked") return read_chunks(response);
    const std::string length = response.header("content-length");
    if (length.empty()) {
      response.body = read_to_end();
      return true;
    }
    const std::size_t size = std::stoul(length);
    const bool complete = fill(size);
    response.body = take(size);
    return complete;
  }

  bool read_chunks(RawResponse& response) {
    while (true) {
      std::size_t line_end = 0;
      while ((line_end = buffered_.find("\r\n")) == std::string::npos) {
        if (!receive()) return false;
      }
      const std::size_t size = std::stoul(take(line_end + 2), nullptr, 16);
      if (!fill(size + 2)) return false;
      response.body += take(size);
      take(2);
      if (size == 0) return true;
    }
  }

  int socket_;
  bool connected_ = false;
  std::string buffered_;
};

}  // namespace sightline::testing
