#include "replay/host_actions.h"

#include <fmt/format.h>

#include <vector>

namespace sightline::replay {
namespace {

constexpr std::string_view kSshd = "/usr/sbin/sshd";
constexpr std::string_view kSudo = "/usr/bin/sudo";
constexpr std::array<std::string_view, 4> kTerminals{"pts0", "pts1", "pts2", "pts3"};

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// The kernel keeps 15 bytes of a task's name.
std::string_view task_name(std::string_view exe) { return base_name(exe).substr(0, 15); }

std::string_view home_of(const Account& account) {
  if (account.name == "root") return "/root";
  if (account.name == "ubuntu") return "/home/ubuntu";
  return "/home";
}

std::string joined(std::initializer_list<std::string_view> words) {
  return fmt::format("{}", fmt::join(words.begin(), words.end(), " "));
}

}  // namespace

void HostActions::add(AuditEvent event, std::string_view rule_id) {
  event.story = story_;
  if (story_ != 0) event.rule_id = rule_id;
  log_.add(std::move(event));
}

void HostActions::message(std::string_view type, const Process& process, std::string_view text,
                          std::string_view enriched) {
  add(user_event(time_ms_, type, process, text, enriched));
}

void HostActions::pam(std::string_view type, const Process& process, std::string_view operation,
                      std::string_view grantors, std::string_view account, std::string_view exe,
                      std::string_view address, std::string_view terminal) {
  message(type, process,
          fmt::format(R"(op=PAM:{} grantors={} acct="{}" exe="{}" hostname={} addr={} terminal={} res=success)",
                      operation, grantors, account, exe, address, address, terminal));
  wait(0, 3);
}

Process HostActions::child_of(const Process& parent, std::string_view exe) {
  Process child = parent;
  child.ppid = parent.pid;
  child.pid = log_.next_pid();
  child.exe = exe;
  child.comm = task_name(exe);
  return child;
}

Session HostActions::ssh_login(const Person& person) {
  Session session;
  session.person = person;
  session.id = log_.next_session();
  session.tty = kTerminals[random_.below(kTerminals.size())];
  session.sshd_pid = log_.next_pid();
  session.cwd = home_of(person.account);
  Process sshd{.pid = session.sshd_pid, .ppid = 812, .comm = "sshd", .exe = kSshd};
  const std::string& address = person.address;
  message("CRYPTO_KEY_USER", sshd,
          fmt::format("op=negotiate kind=auth-key fp={} direction=? spid={} suid=0 rport={} laddr={} lport=22 "
                      R"(exe="{}" hostname=? addr={} terminal=? res=success)",
                      person.fingerprint, sshd.pid, random_.between(32768, 60999), log_.host().address, kSshd, address),
          R"( SUID="root")");
  wait(20, 60);
  message("USER_AUTH", sshd,
          fmt::format(R"(op=pubkey acct="{}" exe="{}" hostname=? addr={} terminal=ssh res=success)",
                      person.account.name, kSshd, address));
  wait(5, 20);
  pam("USER_ACCT", sshd, "accounting", "pam_permit", person.account.name, kSshd, address, "ssh");
  pam("CRED_ACQ", sshd, "setcred", "pam_permit", person.account.name, kSshd, address, "ssh");
  add(login_event(time_ms_, sshd.pid, person.account, session.id));
  wait(5, 40);
  sshd.login = person.account;
  sshd.session = session.id;
  pam("USER_START", sshd, "session_open",
      "pam_selinux,pam_loginuid,pam_keyinit,pam_permit,pam_umask,pam_unix,pam_systemd", person.account.name, kSshd,
      address, "ssh");
  pam("CRED_ACQ", sshd, "setcred", "pam_permit", person.account.name, kSshd, address, "ssh");
  session.login_time_ms = time_ms_;
  message("USER_LOGIN", sshd,
          fmt::format(R"(op=login id={} exe="{}" hostname={} addr={} terminal=/dev/{} res=success)", person.account.uid,
                      kSshd, address, address, fmt::format("pts/{}", session.tty.back())),
          fmt::format(R"( ID="{}")", person.account.name));
  wait(10, 60);
  session.shell = Process{.pid = sshd.pid,
                          .ppid = sshd.pid,
                          .user = person.account,
                          .effective = person.account,
                          .login = person.account,
                          .session = session.id,
                          .tty = session.tty};
  session.shell = child_of(session.shell, "/bin/bash");
  const std::string_view arguments[] = {"-bash"};
  add(exec_event(time_ms_, session.shell, arguments, session.cwd));
  wait(20, 200);
  return session;
}

void HostActions::ssh_logout(const Session& session) {
  Process sshd{.pid = session.sshd_pid,
               .ppid = 812,
               .login = session.person.account,
               .session = session.id,
               .comm = "sshd",
               .exe = kSshd};
  pam("USER_END", sshd, "session_close",
      "pam_selinux,pam_loginuid,pam_keyinit,pam_permit,pam_umask,pam_unix,pam_systemd", session.person.account.name,
      kSshd, session.person.address, "ssh");
  pam("CRED_DISP", sshd, "setcred", "pam_permit", session.person.account.name, kSshd, session.person.address, "ssh");
}

void HostActions::ssh_failure(std::string_view user, std::string_view address) {
  const Process sshd{.pid = log_.next_pid(), .ppid = 812, .comm = "sshd", .exe = kSshd};
  message(
      "USER_AUTH", sshd,
      fmt::format(R"(op=PAM:authentication grantors=? acct="{}" exe="{}" hostname={} addr={} terminal=ssh res=failed)",
                  user, kSshd, address, address));
  wait(1800, 3200);
  message(
      "USER_LOGIN", sshd,
      fmt::format(R"(op=login acct="{}" exe="{}" hostname=? addr={} terminal=ssh res=failed)", user, kSshd, address));
  wait(5, 30);
}

Process HostActions::run(const Session& session, std::string_view exe, Arguments arguments, std::string_view rule_id) {
  const Process process = child_of(session.shell, exe);
  add(exec_event(time_ms_, process, arguments, session.cwd), rule_id);
  wait(1, 20);
  return process;
}

Process HostActions::run_script(const Session& session, std::string_view interpreter, std::string_view script,
                                ArgumentList arguments) {
  Process process = child_of(session.shell, interpreter);
  process.comm = task_name(script);
  add(exec_event(time_ms_, process, std::span(arguments.begin(), arguments.size()), session.cwd, script));
  wait(150, 600);
  return process;
}

Process HostActions::run_service(const Account& account, std::string_view exe, ArgumentList arguments,
                                 std::uint32_t parent_pid, std::string_view cwd) {
  Process parent{.pid = parent_pid, .ppid = 1, .user = account, .effective = account};
  const Process process = child_of(parent, exe);
  add(exec_event(time_ms_, process, std::span(arguments.begin(), arguments.size()), cwd));
  wait(1, 12);
  return process;
}

Process HostActions::sudo(const Session& session, std::string_view command, ArgumentList arguments) {
  const Account& user = session.shell.user;
  Process process = child_of(session.shell, kSudo);
  process.effective = Account{};  // set-user-ID
  std::vector<std::string_view> words{"sudo"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  add(exec_event(time_ms_, process, words, session.cwd), "sudo-to-root");
  wait(5, 25);
  const std::string terminal = fmt::format("/dev/pts/{}", session.tty.back());
  pam("USER_ACCT", process, "accounting", "pam_permit", user.name, kSudo, "?", terminal);
  message("USER_CMD", process,
          fmt::format(R"(cwd={} cmd={} exe="{}" terminal=pts/{} res=success)", audit_string(session.cwd),
                      audit_string(command), kSudo, session.tty.back()));
  wait(0, 2);
  Process as_root = process;
  as_root.user = Account{};
  pam("CRED_REFR", as_root, "setcred", "pam_permit", "root", kSudo, "?", terminal);
  pam("USER_START", as_root, "session_open", "pam_permit,pam_umask,pam_unix", "root", kSudo, "?", terminal);
  return as_root;
}

Session HostActions::become_root(const Session& session) {
  const Process sudo_process = sudo(session, "su -", {"su", "-"});
  Session root = session;
  root.shell = sudo_process;
  root.cwd = "/root";
  const Process su = child_of(sudo_process, "/usr/bin/su");
  const std::string_view su_arguments[] = {"su", "-"};
  add(exec_event(time_ms_, su, su_arguments, session.cwd));
  wait(4, 20);
  pam("USER_START", su, "session_open", "pam_keyinit,pam_env,pam_env,pam_mail,pam_limits,pam_unix", "root",
      "/usr/bin/su", "?", fmt::format("/dev/pts/{}", session.tty.back()));
  root.shell = child_of(su, "/bin/bash");
  const std::string_view shell_arguments[] = {"-bash"};
  add(exec_event(time_ms_, root.shell, shell_arguments, root.cwd));
  wait(10, 80);
  return root;
}

void HostActions::sudo_command(const Session& session, std::string_view exe, ArgumentList arguments) {
  const Process sudo_process = sudo(session, joined(arguments), arguments);
  const Process command = child_of(sudo_process, exe);
  add(exec_event(time_ms_, command, std::span(arguments.begin(), arguments.size()), session.cwd));
  wait(30, 900);
  pam("USER_END", sudo_process, "session_close", "pam_permit,pam_umask,pam_unix", "root", kSudo, "?",
      fmt::format("/dev/pts/{}", session.tty.back()));
  pam("CRED_DISP", sudo_process, "setcred", "pam_permit", "root", kSudo, "?",
      fmt::format("/dev/pts/{}", session.tty.back()));
}

void HostActions::connect(const Process& process, std::string_view address, std::uint16_t port,
                          std::string_view proctitle, std::string_view rule_id) {
  add(connect_event(time_ms_, process, address, port, 0, proctitle), rule_id);
  wait(1, 8);
}

void HostActions::accept(const Process& process, std::string_view address, std::uint16_t port,
                         std::string_view proctitle) {
  add(accept_event(time_ms_, process, address, port, proctitle));
  wait(0, 5);
}

void HostActions::touch(const Process& process, const FileEvent& file, std::string_view rule_id) {
  add(file_event(time_ms_, process, file), rule_id);
  wait(0, 4);
}

}  // namespace sightline::replay
