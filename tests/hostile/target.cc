#include "hostile/target.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "testing/raw_tls.h"

namespace sightline::hostile {

namespace {

constexpr std::size_t kFilledIn = 1U << 20U;

void replace_all(std::string& text, std::string_view what, const std::string& with) {
  for (std::size_t at = 0; (at = text.find(what, at)) < kFilledIn; at += with.size()) {
    text.replace(at, what.size(), with);
  }
}

}  // namespace

bool is_long_run() { return std::getenv("SIGHTLINE_HOSTILE_LONG") != nullptr; }

Target::Target(const testing::ServerProcess& server) : server_(server), admin_(server.token()) {
  ingest_ = make_token(R"({"name":"hostile","scopes":["ingest"]})");
  good_ = make_token(R"({"name":"good","scopes":["ingest"]})");
  search_ = make_token(R"({"name":"hostile","scopes":["search"]})");
  bound_ = make_token(R"({"name":"hostile","scopes":["ingest"],"agent_id":"web-1"})");
  revoked_ = make_token(R"({"name":"hostile","scopes":["admin"]})");
  ask("DELETE", "/v1/tokens/" + revoked_.substr(4, 16), admin_);
}

std::unique_ptr<testing::RawClient> Target::connect(const char* from) const {
  if (speaks_tls()) return std::make_unique<testing::RawTlsClient>(port(), from);
  return std::make_unique<testing::RawClient>(port(), from);
}

std::string Target::fill_in(std::string bytes) const {
  replace_all(bytes, "$admin", admin_);
  replace_all(bytes, "$ingest", ingest_);
  replace_all(bytes, "$good", good_);
  replace_all(bytes, "$search", search_);
  replace_all(bytes, "$bound", bound_);
  replace_all(bytes, "$revoked", revoked_);
  return bytes;
}

testing::RawResponse Target::ask(const std::string& method, const std::string& path, const std::string& token,
                                 const std::string& body) const {
  std::string request =
      fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n", method, path, fill_in(token));
  if (method == "POST") request += fmt::format("Content-Length: {}\r\n", body.size());
  const auto client = connect(kGoodAddress);
  client->send(request + "\r\n" + body);
  return client->read();
}

std::string Target::make_token(const std::string& body) const {
  const testing::RawResponse made = ask("POST", "/v1/tokens", admin_, body);
  if (made.status != 201) throw std::runtime_error(fmt::format("no token: {} {}", made.status, made.body));
  return std::string(boost::json::parse(made.body).at("secret").as_string());
}

std::size_t Target::peak_memory_mib() const {
  std::ifstream status(fmt::format("/proc/{}/status", server_.pid()));
  for (std::string word; status >> word;) {
    if (word != "VmHWM:") continue;
    std::size_t kib = 0;
    status >> kib;
    return kib >> 10U;
  }
  return 0;
}

bool Target::is_alive() const { return ::kill(server_.pid(), 0) == 0 && ask("GET", "/healthz", "").status == 200; }

}  // namespace sightline::hostile
