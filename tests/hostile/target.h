// The server under attack, as a client sees it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>

#include "harness/program.h"
#include "testing/raw_http.h"

namespace sightline::hostile {

// Set: the long run, with large numbers.
bool is_long_run();

class Target {
 public:
  // Hostile clients come from other addresses than good ones, and those that hold connections from their own.
  static constexpr const char* kHostileAddress = "127.0.0.66";
  static constexpr const char* kOtherHostileAddress = "127.0.0.77";
  static constexpr const char* kGoodAddress = "127.0.0.1";

  // Makes the tokens that cases name.
  explicit Target(const testing::ServerProcess& server);

  std::unique_ptr<testing::RawClient> connect(const char* from = kHostileAddress) const;
  std::uint16_t port() const { return server_.port(); }
  bool speaks_tls() const { return server_.url().starts_with("https"); }

  // Puts the tokens into the first MiB: $admin, $ingest, $good (another for ingest), $search, $bound (ingest, for the
  // agent web-1), $revoked.
  std::string fill_in(std::string bytes) const;

  // The answer to one request of a good client, on a connection of its own.
  testing::RawResponse ask(const std::string& method, const std::string& path, const std::string& token,
                           const std::string& body = "") const;

  // The most memory that the server has had, in MiB.
  std::size_t peak_memory_mib() const;
  bool is_alive() const;

 private:
  std::string make_token(const std::string& body) const;

  const testing::ServerProcess& server_;
  std::string admin_;
  std::string ingest_;
  std::string good_;
  std::string search_;
  std::string bound_;
  std::string revoked_;
};

}  // namespace sightline::hostile
