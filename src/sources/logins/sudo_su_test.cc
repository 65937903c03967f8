#include <gtest/gtest.h>

#include "sources/logins/facts_testing.h"

namespace sightline::logins {
namespace {

using testing::describe;

std::string sudo(std::string_view message) { return describe("sudo", message); }
std::string su(std::string_view message) { return describe("su", message); }

TEST(Sudo, Commands) {
  EXPECT_EQ(sudo("   alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/bin/sh -c 'a ; b'"),
            "type=command result=accepted success=yes user=[alice] target=[root] tty=pts/0 cwd=/home/alice "
            "arguments=/bin/sh -c 'a ; b'");
  EXPECT_EQ(sudo("alice : HOST=web ; TTY=unknown ; PWD=/ ; USER=db ; GROUP=g ; TSID=000001 ; ENV=A=b ; COMMAND=list"),
            "type=command result=accepted success=yes user=[alice] target=[db] tty=unknown cwd=/ arguments=list");
  EXPECT_EQ(sudo("DOM\\john doe : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/id"),
            "type=command result=accepted success=yes user=[DOM\\john doe] target=[root] tty=pts/0 cwd=/ "
            "arguments=/bin/id");
  EXPECT_EQ(sudo("alice : (command continued) b c"),
            "type=command user=[alice] arguments=b c reason=command continued");
}

TEST(Sudo, Failures) {
  constexpr std::string_view kRest = " user=[alice] target=[root] tty=pts/0 cwd=/home/alice arguments=/bin/id reason=";
  const auto refused = [](std::string_view reason) {
    return sudo("alice : " + std::string(reason) + " ; TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/bin/id");
  };
  const auto expected = [&](std::string_view result, std::string_view reason) {
    return "type=command_failed result=" + std::string(result) + " success=no" + std::string(kRest) +
           std::string(reason);
  };
  EXPECT_EQ(refused("user NOT in sudoers"), expected("not in sudoers", "user NOT in sudoers"));
  EXPECT_EQ(refused("3 incorrect password attempts"),
            expected("incorrect password", "3 incorrect password attempts") + " repeated=3");
  EXPECT_EQ(refused("1 incorrect password attempt"),
            expected("incorrect password", "1 incorrect password attempt") + " repeated=1");
  EXPECT_EQ(refused("command not allowed"), expected("not allowed", "command not allowed"));
  EXPECT_EQ(refused("user NOT authorized on host"), expected("not allowed", "user NOT authorized on host"));
  EXPECT_EQ(refused("a password is required"), expected("failed", "a password is required"));
}

TEST(Sudo, OtherMessagesAreNone) {
  for (const std::string_view message :
       {"", "alice", "alice : ", "alice : unable to resolve host web", "pam_unix: x", "alice : TTY=pts/0"}) {
    EXPECT_EQ(read_login_message("sudo", message).type, "") << message;
  }
}

constexpr std::string_view kAmbiguous = " ambiguous=target_user ambiguous=cwd ambiguous=arguments";

TEST(SudoHostile, DirectoriesAndCommandsThatImitateALine) {
  // The same text comes from a directory with that name and from a command with that argument.
  EXPECT_EQ(sudo("alice : TTY=pts/0 ; PWD=/tmp/x ; USER=root ; COMMAND=/bin/ls ; USER=bob ; COMMAND=/bin/sh"),
            "type=command result=accepted success=yes user=[alice] tty=pts/0" + std::string(kAmbiguous));
  EXPECT_EQ(sudo("alice : TTY=pts/0 ; PWD=/tmp ; USER=root ; ENV=A=b ; COMMAND=/bin/x ; COMMAND=/bin/sh"),
            "type=command result=accepted success=yes user=[alice] target=[root] tty=pts/0 cwd=/tmp "
            "ambiguous=arguments");
  // An argument that only looks a little like it does no harm.
  EXPECT_EQ(sudo("alice : TTY=pts/0 ; PWD=/tmp ; USER=root ; COMMAND=/bin/echo ; USER=x y"),
            "type=command result=accepted success=yes user=[alice] target=[root] tty=pts/0 cwd=/tmp "
            "arguments=/bin/echo ; USER=x y");
}

TEST(SudoHostile, ReasonsThatEndInATypedName) {
  EXPECT_EQ(sudo("alice : unknown user: x ; TTY=tty1 ; PWD=/ ; USER=root ; COMMAND=/bin/sh ; TTY=pts/0 ; PWD=/tmp ; "
                 "USER=root ; COMMAND=/bin/id"),
            "type=command_failed result=failed success=no user=[alice] reason=unknown user: x ambiguous=tty" +
                std::string(kAmbiguous));
}

TEST(Su, UtilLinux) {
  EXPECT_EQ(su("(to root) alice on pts/0"),
            "type=switch_user result=accepted success=yes user=[alice] target=[root] tty=pts/0");
  EXPECT_EQ(su("FAILED SU (to root) alice on pts/0"),
            "type=switch_user_failed result=failed success=no user=[alice] target=[root] tty=pts/0");
}

TEST(Su, Shadow) {
  EXPECT_EQ(su("Successful su for root by alice"),
            "type=switch_user result=accepted success=yes user=[alice] target=[root]");
  EXPECT_EQ(su("FAILED su for root by alice"),
            "type=switch_user_failed result=failed success=no user=[alice] target=[root]");
  EXPECT_EQ(su("+ /dev/pts/0 alice:root"),
            "type=switch_user result=accepted success=yes user=[alice] target=[root] tty=/dev/pts/0");
  EXPECT_EQ(su("- pts/0 alice:root"),
            "type=switch_user_failed result=failed success=no user=[alice] target=[root] tty=pts/0");
}

TEST(SuHostile, TargetsThatImitateALine) {
  EXPECT_EQ(su("FAILED SU (to root) bob on pts/9) alice on pts/0"),
            "type=switch_user_failed result=failed success=no user=[alice] target=[root) bob on pts/9] tty=pts/0");
  EXPECT_EQ(su("FAILED su for root by bob by alice"),
            "type=switch_user_failed result=failed success=no user=[alice] target=[root by bob]");
  EXPECT_EQ(su("- pts/0 alice:x:root"),
            "type=switch_user_failed result=failed success=no user=[alice] target=[x:root] tty=pts/0");
  EXPECT_EQ(su("No passwd entry for user 'x'"), "");
}

TEST(Logind, Sessions) {
  EXPECT_EQ(describe("systemd-logind", "New session 4 of user alice."),
            "type=session_open success=yes user=[alice] session=4");
  EXPECT_EQ(describe("systemd-logind", "New session c1 of user gdm with class 'greeter' and type 'x11'."),
            "type=session_open success=yes user=[gdm] session=c1");
  EXPECT_EQ(describe("systemd-logind", "Session 4 logged out. Waiting for processes to exit."),
            "type=logout session=4");
  EXPECT_EQ(describe("systemd-logind", "Removed session 4."), "type=session_close session=4");
  EXPECT_EQ(describe("systemd-logind", "Watching system buttons on /dev/input/event1 (Power Button)"), "");
}

TEST(Pam, Sessions) {
  EXPECT_EQ(describe("sshd", "pam_unix(sshd:session): session opened for user alice(uid=1000) by (uid=0)"),
            "type=session_open success=yes user=[alice]");
  EXPECT_EQ(describe("sudo", "pam_unix(sudo:session): session opened for user root(uid=0) by alice(uid=1000)"),
            "type=session_open success=yes user=[alice] target=[root]");
  EXPECT_EQ(describe("login(pam_unix)", "session opened for user root by LOGIN(uid=0)"),
            "type=session_open success=yes user=[root]");
  EXPECT_EQ(describe("sshd", "pam_unix(sshd:session): session closed for user alice"),
            "type=session_close success=yes target=[alice]");
  EXPECT_EQ(read_login_message("su", "pam_unix(su-l:session): session closed for user alice").service, "su");
  EXPECT_EQ(read_login_message("CRON", "pam_unix(cron:session): session closed for user alice").service, "cron");
}

TEST(Pam, Failures) {
  EXPECT_EQ(describe("sshd",
                     "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= "
                     "rhost=192.0.2.7  user=root"),
            "type=auth_failed result=failed success=no method=password user=[root] from=192.0.2.7 tty=ssh");
  EXPECT_EQ(describe("sshd(pam_unix)",
                     "authentication failure; logname= uid=0 euid=0 tty=NODEVssh ruser= rhost=a.example.com "),
            "type=auth_failed result=failed success=no method=password host=a.example.com tty=NODEVssh");
  EXPECT_EQ(describe("su",
                     "pam_unix(su:auth): authentication failure; logname=alice uid=1000 euid=0 tty=pts/0 "
                     "ruser=alice rhost=  user=root"),
            "type=auth_failed result=failed success=no method=password user=[alice] target=[root] tty=pts/0");
  EXPECT_EQ(describe("sshd",
                     "PAM 2 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= "
                     "rhost=192.0.2.7  user=root"),
            "type=auth_failed result=failed success=no method=password user=[root] from=192.0.2.7 tty=ssh repeated=2");
  EXPECT_EQ(describe("sshd", "pam_unix(sshd:auth): check pass; user unknown"),
            "type=account_check_failed result=invalid user success=no");
  EXPECT_EQ(describe("sudo", "pam_unix(sudo:auth): auth could not identify password for [alice]"),
            "type=auth_failed result=failed success=no target=[alice]");
  EXPECT_EQ(describe("sshd",
                     "pam_faillock(sshd:auth): Consecutive login failures for user alice account temporarily "
                     "locked"),
            "type=account_lock result=too many failures target=[alice]");
  EXPECT_EQ(describe("passwd", "pam_unix(passwd:chauthtok): password changed for alice"),
            "type=password_change success=yes target=[alice]");
}

TEST(PamHostile, NamesThatImitateAHost) {
  EXPECT_EQ(describe("sshd",
                     "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= "
                     "rhost=203.0.113.66  user=x rhost=192.0.2.1  user=root"),
            "type=auth_failed result=failed success=no method=password user=[x rhost=192.0.2.1  user=root] "
            "from=203.0.113.66 tty=ssh");
  // Elsewhere the remote user is the peer's word, and two readings are left.
  EXPECT_EQ(describe("rsh",
                     "pam_rhosts(rsh:auth): authentication failure; logname= uid=0 euid=0 tty=x ruser=a "
                     "rhost=192.0.2.1  user=b rhost=203.0.113.66  user=root"),
            "type=auth_failed result=failed success=no ambiguous=user ambiguous=target_user ambiguous=src_ip");
}

}  // namespace
}  // namespace sightline::logins
