// A host to be intruded into: a network of its own, a throw-away user, a real sshd and syslog, and something that
// answers where cloud instances find their credentials.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "harness/program.h"

namespace sightline::testing {

// Takes down what it set up when it goes.
class IntrudedHost {
 public:
  // Why it cannot be set up here; empty: it can.
  static std::string missing();

  // Files go below `directory`. Throws std::runtime_error where a step fails.
  explicit IntrudedHost(const std::filesystem::path& directory);
  ~IntrudedHost();
  IntrudedHost(const IntrudedHost&) = delete;
  IntrudedHost& operator=(const IntrudedHost&) = delete;

  const std::string& user() const { return user_; }
  const std::string& role() const { return role_; }
  // As ssh-keygen prints it: SHA256:….
  const std::string& key_fingerprint() const { return key_fingerprint_; }
  // Where syslog writes what sshd and sudo say.
  std::filesystem::path login_log() const { return directory_ / "auth.log"; }
  // Logs in with the user's key and runs the commands in one shell.
  Outcome log_in(const std::string& commands);

 private:
  struct Nothing {};
  // Sets nothing up: once it returned, the destructor takes down whatever is set up after it.
  IntrudedHost(const std::filesystem::path& directory, Nothing nothing);
  void make_network();
  void make_user();
  void start_syslog();
  void start_sshd();
  void serve_metadata();
  std::vector<std::string> inside(std::vector<std::string> command) const;

  std::filesystem::path directory_;
  std::string name_;  // of the network and the user
  std::string user_;
  std::string role_ = "ec2VpcRole";
  std::string key_fingerprint_;
  pid_t syslog_ = -1;
  pid_t sshd_ = -1;
  int metadata_socket_ = -1;
  std::jthread metadata_;
};

}  // namespace sightline::testing
