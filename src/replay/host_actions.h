// What happens on a host, in steps that everyday activities and the story share: each adds the audit events that a real
// host records for it, and moves the time on.
#pragma once

#include <array>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "replay/host_log.h"

namespace sightline::replay {

struct Person {
  Account account;
  std::string address;      // where they log in from
  std::string fingerprint;  // of their SSH key
};

// A login session on a host. The time is that of the next event; actions move it on by what they take.
struct Session {
  Process shell;  // of the user, or of root after become_root
  Person person;
  std::string_view tty;
  std::uint32_t id = 0;
  std::uint32_t sshd_pid = 0;
  std::string_view cwd;
  std::int64_t login_time_ms = 0;  // of USER_LOGIN
};

// Not thread-safe. Marks every event it adds with the current story step.
class HostActions {
 public:
  HostActions(HostLog& log, Random& random, std::int64_t time_ms) : log_(log), random_(random), time_ms_(time_ms) {}

  std::int64_t time_ms() const { return time_ms_; }
  void wait(std::int64_t min_ms, std::int64_t max_ms) { time_ms_ += random_.between(min_ms, max_ms); }
  void set_time(std::int64_t time_ms) { time_ms_ = time_ms; }
  // Everything added from here on tells this step; 0: everyday.
  void set_story(int step) { story_ = step; }

  // sshd: key accepted, PAM, kernel session, USER_LOGIN, the login shell.
  Session ssh_login(const Person& person);
  void ssh_logout(const Session& session);
  void ssh_failure(std::string_view user, std::string_view address);

  // A command of a shell. The process is a child of the shell and has ended when this returns.
  using Arguments = std::span<const std::string_view>;
  using ArgumentList = std::initializer_list<std::string_view>;
  Process run(const Session& session, std::string_view exe, Arguments arguments, std::string_view rule_id = {});
  Process run(const Session& session, std::string_view exe, ArgumentList arguments, std::string_view rule_id = {}) {
    return run(session, exe, Arguments(arguments.begin(), arguments.size()), rule_id);
  }
  // A script that `interpreter` runs; `arguments` start with the interpreter's name and the script.
  Process run_script(const Session& session, std::string_view interpreter, std::string_view script,
                     ArgumentList arguments);
  // A process outside any login.
  Process run_service(const Account& account, std::string_view exe, ArgumentList arguments, std::uint32_t parent_pid,
                      std::string_view cwd = "/");

  // sudo su -: the shell of the result is root's.
  Session become_root(const Session& session);
  void sudo_command(const Session& session, std::string_view exe, ArgumentList arguments);

  void connect(const Process& process, std::string_view address, std::uint16_t port, std::string_view proctitle,
               std::string_view rule_id = {});
  void accept(const Process& process, std::string_view address, std::uint16_t port, std::string_view proctitle);
  void touch(const Process& process, const FileEvent& file, std::string_view rule_id = {});
  void message(std::string_view type, const Process& process, std::string_view text, std::string_view enriched = {});

  HostLog& log() { return log_; }
  Random& random() { return random_; }

 private:
  void add(AuditEvent event, std::string_view rule_id = {});
  void pam(std::string_view type, const Process& process, std::string_view operation, std::string_view grantors,
           std::string_view account, std::string_view exe, std::string_view address, std::string_view terminal);
  Process child_of(const Process& parent, std::string_view exe);
  // sudo's own start, PAM and command records; the result is the sudo process.
  Process sudo(const Session& session, std::string_view command, ArgumentList arguments);

  HostLog& log_;
  Random& random_;
  std::int64_t time_ms_;
  int story_ = 0;
};

}  // namespace sightline::replay
