#include "agent/intruded_host.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <future>
#include <stdexcept>

namespace sightline::testing {
namespace {

constexpr const char* kMetadataAddress = "169.254.169.254";
constexpr const char* kSshPort = "2222";

void must(const std::vector<std::string>& command) {
  const Outcome outcome = run_program(command);
  if (outcome.exit_code == 0) return;
  std::string words;
  for (const std::string& word : command) words += word + " ";
  throw std::runtime_error(words + "ended with " + std::to_string(outcome.exit_code) + ": " + outcome.out +
                           outcome.err);
}

// A socket in that network: the thread that makes it goes there.
int listen_inside(const std::string& network) {
  return std::async(std::launch::async,
                    [&] {
                      const int where = ::open(("/run/netns/" + network).c_str(), O_RDONLY | O_CLOEXEC);
                      if (where < 0 || ::setns(where, CLONE_NEWNET) != 0)
                        throw std::runtime_error("cannot enter the network");
                      ::close(where);
                      const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
                      sockaddr_in address{};
                      address.sin_family = AF_INET;
                      address.sin_port = htons(80);
                      ::inet_pton(AF_INET, kMetadataAddress, &address.sin_addr);
                      if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
                          ::listen(listener, 16) != 0) {
                        throw std::runtime_error("cannot listen on the metadata address");
                      }
                      return listener;
                    })
      .get();
}

}  // namespace

std::string IntrudedHost::missing() {
  if (::geteuid() != 0) return "not root";
  for (const char* file : {"/usr/sbin/sshd", "/usr/bin/ssh", "/usr/bin/ssh-keygen", "/usr/bin/sudo", "/usr/bin/curl",
                           "/usr/sbin/ip", "/usr/sbin/useradd", "/usr/sbin/userdel", "/usr/sbin/rsyslogd"}) {
    // Debian has ip in /usr/sbin or /sbin, which are one folder.
    if (::access(file, X_OK) != 0) return std::string("there is no ") + file;
  }
  if (std::filesystem::exists("/dev/log")) return "a syslog runs on this host";
  return "";
}

IntrudedHost::IntrudedHost(const std::filesystem::path& directory, Nothing)
    : directory_(directory),
      name_("sightline-" + std::to_string(::getpid())),
      user_("sl" + std::to_string(::getpid())) {}

IntrudedHost::IntrudedHost(const std::filesystem::path& directory) : IntrudedHost(directory, Nothing()) {
  make_network();
  make_user();
  start_syslog();
  start_sshd();
  serve_metadata();
}

IntrudedHost::~IntrudedHost() {
  if (metadata_socket_ >= 0) ::shutdown(metadata_socket_, SHUT_RDWR);
  if (metadata_.joinable()) metadata_.join();
  if (metadata_socket_ >= 0) ::close(metadata_socket_);
  if (sshd_ > 0) end_program(sshd_, SIGTERM);
  if (syslog_ > 0) end_program(syslog_, SIGTERM);
  std::error_code ignored;
  std::filesystem::remove("/etc/sudoers.d/" + name_, ignored);
  run_program({"/usr/sbin/userdel", "--force", "--remove", user_});
  run_program({"/usr/sbin/ip", "netns", "delete", name_});
}

std::vector<std::string> IntrudedHost::inside(std::vector<std::string> command) const {
  std::vector<std::string> whole{"/usr/sbin/ip", "netns", "exec", name_};
  whole.insert(whole.end(), command.begin(), command.end());
  return whole;
}

void IntrudedHost::make_network() {
  must({"/usr/sbin/ip", "netns", "add", name_});
  must({"/usr/sbin/ip", "-n", name_, "link", "set", "lo", "up"});
  must({"/usr/sbin/ip", "-n", name_, "address", "add", std::string(kMetadataAddress) + "/32", "dev", "lo"});
}

void IntrudedHost::make_user() {
  const std::string home = (directory_ / "home").string();
  must({"/usr/sbin/useradd", "--create-home", "--home-dir", home, "--shell", "/bin/sh", "--password", "*", user_});
  std::filesystem::permissions(directory_, std::filesystem::perms(0755));
  must({"/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", (directory_ / "key").string()});
  const Outcome listed = run_program({"/usr/bin/ssh-keygen", "-l", "-f", (directory_ / "key.pub").string()});
  const std::size_t start = listed.out.find("SHA256:");
  key_fingerprint_ = start == std::string::npos ? "" : listed.out.substr(start, listed.out.find(' ', start) - start);
  std::filesystem::create_directory(home + "/.ssh");
  std::filesystem::copy_file(directory_ / "key.pub", home + "/.ssh/authorized_keys");
  must({"/usr/bin/chown", "-R", user_, home + "/.ssh"});
  const std::string rule = "/etc/sudoers.d/" + name_;
  std::ofstream(rule) << user_ << " ALL=(ALL) NOPASSWD: ALL\n";
  std::filesystem::permissions(rule, std::filesystem::perms(0440));
}

void IntrudedHost::start_syslog() {
  const std::filesystem::path config = directory_ / "rsyslog.conf";
  std::ofstream(config) << "module(load=\"imuxsock\" SysSock.Name=\"/dev/log\")\n"
                        << "auth,authpriv.* action(type=\"omfile\" file=\"" << login_log().string()
                        << "\" template=\"RSYSLOG_TraditionalFileFormat\")\n";
  syslog_ =
      start_program({"/usr/sbin/rsyslogd", "-n", "-f", config.string(), "-i", (directory_ / "rsyslog.pid").string()},
                    directory_ / "rsyslog.log");
  for (int tenths = 0; !std::filesystem::exists("/dev/log") && tenths < 100; ++tenths) ::poll(nullptr, 0, 100);
}

void IntrudedHost::start_sshd() {
  must({"/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", (directory_ / "host_key").string()});
  std::filesystem::create_directories("/run/sshd");
  const std::filesystem::path config = directory_ / "sshd_config";
  std::ofstream(config) << "ListenAddress 127.0.0.1:" << kSshPort << "\nHostKey " << (directory_ / "host_key").string()
                        << "\nPidFile none\nUsePAM yes\nPasswordAuthentication no\nStrictModes no\nUseDNS no\n"
                        << "PrintMotd no\n";
  sshd_ = start_program(inside({"/usr/sbin/sshd", "-D", "-f", config.string()}), directory_ / "sshd.log");
}

void IntrudedHost::serve_metadata() {
  metadata_socket_ = listen_inside(name_);
  metadata_ = std::jthread([this] {
    for (int connection = 0; (connection = ::accept(metadata_socket_, nullptr, nullptr)) >= 0; ::close(connection)) {
      std::array<char, 4096> request{};
      [[maybe_unused]] const auto read = ::recv(connection, request.data(), request.size(), 0);
      const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(role_.size()) +
                                 "\r\nConnection: close\r\n\r\n" + role_;
      [[maybe_unused]] const auto sent = ::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
    }
  });
}

Outcome IntrudedHost::log_in(const std::string& commands) {
  const std::vector<std::string> command = inside(
      {"/usr/bin/ssh", "-q", "-p", kSshPort, "-i", (directory_ / "key").string(), "-o", "StrictHostKeyChecking=no",
       "-o", "UserKnownHostsFile=/dev/null", "-o", "BatchMode=yes", user_ + "@127.0.0.1", commands});
  for (int tenths = 0;; ++tenths) {
    Outcome outcome = run_program(command);
    constexpr int kNoConnection = 255;
    if (outcome.exit_code != kNoConnection || tenths == 100) return outcome;
    ::poll(nullptr, 0, 100);
  }
}

}  // namespace sightline::testing
