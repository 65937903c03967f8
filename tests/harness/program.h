// Our own programs, run as a user runs them: for tests of the whole.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace sightline::testing {

struct Outcome {
  int exit_code = -1;  // 128 + signal where a signal ended it
  std::string out;
  std::string err;
};

// The folder of the built programs: SIGHTLINE_BIN_DIR, set by CMake.
std::filesystem::path program(const std::string& name);

// Runs to the end. `environment` has NAME=VALUE entries that are added to the caller's.
Outcome run_program(const std::vector<std::string>& command, const std::vector<std::string>& environment = {},
                    const std::string& input = "");

// Starts it, with nothing to read; what it prints is appended to `output`. The caller ends it.
pid_t start_program(const std::vector<std::string>& command, const std::filesystem::path& output);
// Sends the signal and waits for the end; SIGKILL follows after a minute. The exit code as in Outcome.
int end_program(pid_t child, int signal);

// A running `sightlined serve` on a port the system chose. Its log goes to DATA/../sightlined.log.
// Ends the process (SIGTERM, then SIGKILL after a minute) when it goes.
class ServerProcess {
 public:
  // Waits until it listens. Throws std::runtime_error with the end of its log where it does not start.
  // `environment` has NAME=VALUE entries that are added to the caller's. `port`: where a server that ended was; 0: the
  // system chooses.
  explicit ServerProcess(const std::filesystem::path& data, const std::vector<std::string>& more_arguments = {},
                         const std::vector<std::string>& environment = {}, std::uint16_t port = 0);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  std::string url() const { return scheme_ + "://127.0.0.1:" + std::to_string(port_); }
  std::uint16_t port() const { return port_; }
  pid_t pid() const { return pid_; }
  // The administrator's token.
  std::string token() const;
  // For the command line: SIGHTLINE_SERVER and SIGHTLINE_TOKEN_FILE.
  std::vector<std::string> client_environment() const;

  // SIGTERM and wait; the exit code as in Outcome.
  int stop();
  // SIGKILL and wait.
  void kill();
  bool running() const { return pid_ > 0; }

 private:
  int wait_for_end();

  std::filesystem::path data_;
  pid_t pid_ = -1;
  std::string scheme_;  // http or https
  std::uint16_t port_ = 0;
};

}  // namespace sightline::testing
