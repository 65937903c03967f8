// A real agent that delivers to a real server.
#pragma once

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/program.h"
#include "http_client/http_client.h"
#include "testing/temporary_directory.h"

namespace sightline::testing {

class AgentTest : public ::testing::Test {
 protected:
  // What was recorded is there after some seconds; a loaded machine gets more.
  static constexpr int kPatienceS = 30;

  ~AgentTest() override;

  // What the server is started with, beside its data.
  virtual std::vector<std::string> server_arguments() const { return {}; }
  // Again on the port it had.
  void start_server();
  // With --server, --token-file and --state-dir; its log goes to directory()/agent.log.
  void start_agent(std::vector<std::string> arguments);
  // The signal and the end; the exit code.
  int end_agent(int signal);
  bool agent_runs() const { return agent_ > 0; }

  // The events that the query finds, oldest first, all pages.
  boost::json::array search(std::string_view query);
  // Searches again and again until there are that many, or that time went by.
  boost::json::array search_until(std::string_view query, std::size_t count, int patience_s = kPatienceS);
  // The rows of a table: what a query with a pipe answers.
  boost::json::array table(std::string_view query);
  // Until a status that the agent wrote from now on says that nothing waits.
  void wait_until_delivered(int patience_s = kPatienceS);
  std::string agent_log() const;

  const std::filesystem::path& directory() const { return directory_.path(); }
  std::filesystem::path data() const { return directory() / "server" / "data"; }
  ServerProcess& server() { return *server_; }

 private:
  // Null where the server did not answer as it should; then the test has failed.
  boost::json::value ask(const boost::json::object& question);

  TemporaryDirectory directory_;
  std::unique_ptr<ServerProcess> server_;
  std::uint16_t port_ = 0;
  std::unique_ptr<HttpClient> client_ = make_curl_client();
  pid_t agent_ = -1;
};

// A member of an event; "" where it has none.
std::string text_of(const boost::json::value& event, std::string_view member);

}  // namespace sightline::testing
