#include "harness/program.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

namespace sightline::testing {
namespace {

struct Pipe {
  int read_end = -1;
  int write_end = -1;
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
    read_end = ends[0];
    write_end = ends[1];
  }
  ~Pipe() {
    close_read();
    close_write();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void close_read() { close_end(read_end); }
  void close_write() { close_end(write_end); }

 private:
  static void close_end(int& end) {
    if (end >= 0) ::close(end);
    end = -1;
  }
};

// fork and exec with the given standard streams.
pid_t spawn(const std::vector<std::string>& command, const std::vector<std::string>& environment, int in, int out,
            int err) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  std::vector<char*> variables;
  for (const std::string& entry : environment) variables.push_back(const_cast<char*>(entry.c_str()));
  for (char** entry = environ; *entry != nullptr; ++entry) variables.push_back(*entry);
  variables.push_back(nullptr);
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) {
    ::dup2(in, STDIN_FILENO);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(err, STDERR_FILENO);
    ::execve(arguments[0], arguments.data(), variables.data());
    ::_exit(127);
  }
  return child;
}

int exit_code_of(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

void read_all(int descriptor, std::string& text) {
  std::array<char, 65536> bytes{};
  for (ssize_t count = 0; (count = ::read(descriptor, bytes.data(), bytes.size())) > 0;) {
    text.append(bytes.data(), static_cast<std::size_t>(count));
  }
}

std::string end_of_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  return text.size() > 4000 ? text.substr(text.size() - 4000) : text;
}

}  // namespace

std::filesystem::path program(const std::string& name) { return std::filesystem::path(SIGHTLINE_BIN_DIR) / name; }

Outcome run_program(const std::vector<std::string>& command, const std::vector<std::string>& environment,
                    const std::string& input) {
  Pipe in;
  Pipe out;
  Pipe err;
  const pid_t child = spawn(command, environment, in.read_end, out.write_end, err.write_end);
  in.close_read();
  out.close_write();
  err.close_write();
  Outcome outcome;
  const std::jthread read_out([&] { read_all(out.read_end, outcome.out); });
  {
    const std::jthread read_err([&] { read_all(err.read_end, outcome.err); });
    std::signal(SIGPIPE, SIG_IGN);
    for (std::size_t sent = 0; sent < input.size();) {
      const ssize_t count = ::write(in.write_end, input.data() + sent, input.size() - sent);
      if (count <= 0) break;
      sent += static_cast<std::size_t>(count);
    }
    in.close_write();
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  outcome.exit_code = exit_code_of(status);
  return outcome;
}

pid_t start_program(const std::vector<std::string>& command, const std::filesystem::path& output) {
  const int out = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const pid_t child = spawn(command, {}, nothing, out, out);
  ::close(nothing);
  ::close(out);
  return child;
}

int end_program(pid_t child, int signal) {
  // What does not end is killed after a minute, and its exit code says so.
  std::jthread watchdog([child](const std::stop_token& stop) {
    for (int tenths = 0; tenths < 600 && !stop.stop_requested(); ++tenths) ::poll(nullptr, 0, 100);
    if (!stop.stop_requested()) ::kill(child, SIGKILL);
  });
  ::kill(child, signal);
  int status = 0;
  ::waitpid(child, &status, 0);
  return exit_code_of(status);
}

ServerProcess::ServerProcess(const std::filesystem::path& data, const std::vector<std::string>& more_arguments,
                             const std::vector<std::string>& environment, std::uint16_t port)
    : data_(data) {
  std::vector<std::string> command{
      program("sightlined"), "serve", "--data", data_, "--listen", "127.0.0.1:" + std::to_string(port)};
  command.insert(command.end(), more_arguments.begin(), more_arguments.end());
  const std::filesystem::path log = data_.parent_path() / "sightlined.log";
  const int log_file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  Pipe out;
  pid_ = spawn(command, environment, nothing, out.write_end, log_file);
  out.close_write();
  ::close(nothing);
  ::close(log_file);
  // The line that names the port is the last thing printed before serving.
  std::string text;
  constexpr std::string_view kBefore = "://127.0.0.1:";
  std::array<char, 4096> bytes{};
  while (true) {
    const std::size_t place = text.find(kBefore);
    if (place != std::string::npos && text.find('\n', place) != std::string::npos) {
      scheme_ = text.substr(text.rfind(' ', place) + 1, place - text.rfind(' ', place) - 1);
      const char* digits = text.data() + place + kBefore.size();
      std::from_chars(digits, text.data() + text.size(), port_);
      return;
    }
    const ssize_t count = ::read(out.read_end, bytes.data(), bytes.size());
    if (count <= 0) break;
    text.append(bytes.data(), static_cast<std::size_t>(count));
  }
  const int code = wait_for_end();
  throw std::runtime_error("sightlined ended with " + std::to_string(code) + ": " + text + end_of_file(log));
}

ServerProcess::~ServerProcess() {
  if (pid_ > 0) stop();
}

std::string ServerProcess::token() const {
  std::ifstream stream(data_ / "admin.token");
  std::string token;
  std::getline(stream, token);
  return token;
}

std::vector<std::string> ServerProcess::client_environment() const {
  return {"SIGHTLINE_SERVER=" + url(), "SIGHTLINE_TOKEN_FILE=" + (data_ / "admin.token").string()};
}

int ServerProcess::wait_for_end() {
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return exit_code_of(status);
}

int ServerProcess::stop() { return end_program(std::exchange(pid_, -1), SIGTERM); }

void ServerProcess::kill() {
  ::kill(pid_, SIGKILL);
  wait_for_end();
}

}  // namespace sightline::testing
