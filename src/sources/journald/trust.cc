#include "sources/journald/trust.h"

#include <algorithm>

namespace sightline::journald {
namespace {

// Those that run, at times, for somebody other than root.
constexpr std::string_view kReporters[] = {
    "sshd", "sshd-session", "sshd-auth", "sudo", "su",     "passwd",  "login",          "pkexec",
    "doas", "unix_chkpwd",  "chfn",      "chsh", "newgrp", "runuser", "systemd-logind", "polkit-agent-helper-1"};
// Where users cannot put programs of their own.
constexpr std::string_view kSystemFolders[] = {"/usr/", "/bin/", "/sbin/", "/lib/", "/lib64/", "/nix/store/"};

}  // namespace

bool may_report_logins(std::string_view executable, std::string_view uid) {
  if (uid == "0" || executable.empty()) return true;
  const bool of_system =
      std::ranges::any_of(kSystemFolders, [&](auto folder) { return executable.starts_with(folder); });
  const std::string_view name = executable.substr(executable.rfind('/') + 1);
  return of_system && std::ranges::find(kReporters, name) != std::ranges::end(kReporters);
}

}  // namespace sightline::journald
