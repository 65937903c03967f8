#include <gtest/gtest.h>

#include "sources/logins/facts_testing.h"

namespace sightline::logins {
namespace {

std::string sshd(std::string_view message) { return testing::describe("sshd", message); }

constexpr std::string_view kFingerprint = "SHA256:7bsKqN1dQcT4rJQy0kJ6yT1s1wz3iLhP6V5a0pQ2xYg";
std::string with(std::string text) {
  for (std::size_t place = text.find("FP"); place != std::string::npos; place = text.find("FP", place + 1)) {
    text.replace(place, 2, kFingerprint);
  }
  return text;
}

TEST(Sshd, Accepted) {
  EXPECT_EQ(sshd("Accepted password for alice from 192.0.2.7 port 50022 ssh2"),
            "type=login result=accepted success=yes method=password user=[alice] from=192.0.2.7#50022");
  EXPECT_EQ(sshd("Accepted keyboard-interactive/pam for alice from 2001:db8::1 port 1 ssh2"),
            "type=login result=accepted success=yes method=keyboard-interactive submethod=pam user=[alice] "
            "from=2001:db8::1#1");
  EXPECT_EQ(sshd(with("Accepted publickey for alice from 192.0.2.7 port 2 ssh2: ED25519 FP")),
            with("type=login result=accepted success=yes method=publickey key=ED25519 fingerprint=FP user=[alice] "
                 "from=192.0.2.7#2"));
  EXPECT_EQ(sshd("Accepted publickey for alice from 192.0.2.7 port 2 ssh2: RSA 43:51:43:a1:b5:fc:8b:b7"),
            "type=login result=accepted success=yes method=publickey key=RSA fingerprint=43:51:43:a1:b5:fc:8b:b7 "
            "user=[alice] from=192.0.2.7#2");
  EXPECT_EQ(sshd("Accepted gssapi-with-mic for alice from fe80::1%eth0 port 2 ssh2: alice@EXAMPLE.COM"),
            "type=login result=accepted success=yes method=gssapi-with-mic user=[alice] from=fe80::1%eth0#2 "
            "reason=alice@EXAMPLE.COM");
  EXPECT_EQ(sshd("Accepted password for alice from UNKNOWN port 65535 ssh2"),
            "type=login result=accepted success=yes method=password user=[alice]");
}

TEST(Sshd, Certificates) {
  EXPECT_EQ(sshd(with("Accepted publickey for alice from 192.0.2.7 port 2 ssh2: ECDSA-CERT FP ID alice@corp (serial "
                      "18446744073709551615) CA RSA FP")),
            with("type=login result=accepted success=yes method=publickey key=ECDSA-CERT fingerprint=FP id=alice@corp "
                 "serial=18446744073709551615 ca=RSA ca_fingerprint=FP user=[alice] from=192.0.2.7#2"));
  EXPECT_EQ(sshd(with("Accepted publickey for alice from 192.0.2.7 port 2 ssh2: RSA-CERT ID a b (serial 0) CA RSA FP")),
            with("type=login result=accepted success=yes method=publickey key=RSA-CERT id=a b serial=0 ca=RSA "
                 "ca_fingerprint=FP user=[alice] from=192.0.2.7#2"));
  EXPECT_EQ(sshd(with(R"(Accepted certificate ID "alice" (serial 5) signed by RSA CA FP via /etc/ssh/ca.pub)")),
            with("type=auth result=accepted success=yes method=publickey id=alice serial=5 ca=RSA ca_fingerprint=FP"));
  EXPECT_EQ(sshd(with("Accepted key ED25519 FP found at /home/a/.ssh/authorized_keys:3")),
            with("type=auth result=accepted success=yes method=publickey key=ED25519 fingerprint=FP"));
}

TEST(Sshd, Failed) {
  EXPECT_EQ(sshd("Failed password for root from 192.0.2.7 port 38926 ssh2"),
            "type=login_failed result=failed success=no method=password user=[root] from=192.0.2.7#38926");
  EXPECT_EQ(sshd("Failed none for invalid user 0101 from 192.0.2.7 port 4 ssh2"),
            "type=login_failed result=invalid user success=no method=none user=[0101] from=192.0.2.7#4");
  EXPECT_EQ(sshd("Failed password for illegal user test from 192.0.2.7 port 4 ssh2"),
            "type=login_failed result=invalid user success=no method=password user=[test] from=192.0.2.7#4");
  EXPECT_EQ(sshd(with("Failed publickey for root from 192.0.2.7 port 5 ssh2: RSA FP")),
            with("type=login_failed result=failed success=no method=publickey key=RSA fingerprint=FP user=[root] "
                 "from=192.0.2.7#5"));
  EXPECT_EQ(sshd("Postponed keyboard-interactive for invalid user a from 192.0.2.7 port 6 ssh2 [preauth]"),
            "type=auth result=postponed method=keyboard-interactive user=[a] from=192.0.2.7#6 preauth=yes");
  EXPECT_EQ(sshd(with("Partial publickey for a from 192.0.2.7 port 6 ssh2: RSA FP")),
            with("type=auth result=partial success=yes method=publickey key=RSA fingerprint=FP user=[a] "
                 "from=192.0.2.7#6"));
  EXPECT_EQ(sshd("message repeated 5 times: [ Failed password for root from 192.0.2.7 port 38926 ssh2]"),
            "type=login_failed result=failed success=no method=password user=[root] from=192.0.2.7#38926 repeated=5");
}

TEST(Sshd, AccountsAndLimits) {
  EXPECT_EQ(sshd("Invalid user admin from 192.0.2.7 port 5"),
            "type=account_check_failed result=invalid user success=no user=[admin] from=192.0.2.7#5");
  EXPECT_EQ(sshd("Invalid user admin from 192.0.2.7"),
            "type=account_check_failed result=invalid user success=no user=[admin] from=192.0.2.7");
  EXPECT_EQ(sshd("Invalid user  from 192.0.2.7 port 5"),
            "type=account_check_failed result=invalid user success=no user=[] from=192.0.2.7#5");
  EXPECT_EQ(sshd("input_userauth_request: invalid user admin [preauth]"),
            "type=account_check_failed result=invalid user success=no user=[admin] preauth=yes");
  EXPECT_EQ(sshd("User git from 192.0.2.7 not allowed because not listed in AllowUsers"),
            "type=account_check_failed result=not allowed success=no user=[git] from=192.0.2.7 reason=not listed in "
            "AllowUsers");
  EXPECT_EQ(sshd("User git from mail.example.com not allowed because none of user's groups are listed in AllowGroups"),
            "type=account_check_failed result=not allowed success=no user=[git] host=mail.example.com reason=none of "
            "user's groups are listed in AllowGroups");
  EXPECT_EQ(sshd("User git not allowed because account is locked"),
            "type=account_check_failed result=not allowed success=no user=[git] reason=account is locked");
  EXPECT_EQ(sshd("ROOT LOGIN REFUSED FROM 192.0.2.7 port 9"),
            "type=account_check_failed result=not allowed success=no user=[root] from=192.0.2.7#9");
  EXPECT_EQ(sshd("error: maximum authentication attempts exceeded for root from 192.0.2.7 port 5 ssh2 [preauth]"),
            "type=auth_failed result=too many failures success=no user=[root] from=192.0.2.7#5 preauth=yes");
  EXPECT_EQ(sshd("error: maximum authentication attempts exceeded for invalid user x from 192.0.2.7 port 5 ssh2"),
            "type=auth_failed result=too many failures success=no user=[x] from=192.0.2.7#5");
  EXPECT_EQ(sshd("Disconnecting: Too many authentication failures for admin [preauth]"),
            "type=disconnect result=too many failures success=no user=[admin] preauth=yes");
  EXPECT_EQ(sshd("Disconnecting authenticating user root 192.0.2.7 port 5: Too many authentication failures [preauth]"),
            "type=disconnect result=too many failures success=no user=[root] from=192.0.2.7#5 reason=Too many "
            "authentication failures preauth=yes");
  EXPECT_EQ(sshd("error: PAM: Authentication failure for illegal user x y from host.example.com"),
            "type=auth_failed result=invalid user success=no user=[x y] host=host.example.com reason=Authentication "
            "failure");
}

TEST(Sshd, Connections) {
  EXPECT_EQ(sshd("Connection from 192.0.2.7 port 5 on 192.0.2.1 port 22 rdomain \"\""),
            "type=connect from=192.0.2.7#5 to=192.0.2.1#22");
  EXPECT_EQ(sshd("Connection closed by 192.0.2.7 [preauth]"),
            "type=disconnect result=disconnected from=192.0.2.7 preauth=yes");
  EXPECT_EQ(sshd("Connection closed by authenticating user root 192.0.2.7 port 5 [preauth]"),
            "type=disconnect result=disconnected user=[root] from=192.0.2.7#5 preauth=yes");
  EXPECT_EQ(sshd("Connection reset by invalid user  192.0.2.7 port 5 [preauth]"),
            "type=disconnect result=disconnected user=[] from=192.0.2.7#5 preauth=yes");
  EXPECT_EQ(sshd("Disconnected from user alice 192.0.2.7 port 5"),
            "type=logout result=disconnected user=[alice] from=192.0.2.7#5");
  EXPECT_EQ(sshd("Disconnected from authenticating user root 192.0.2.7 port 5 [preauth]"),
            "type=disconnect result=disconnected user=[root] from=192.0.2.7#5 preauth=yes");
  EXPECT_EQ(sshd("Received disconnect from 192.0.2.7: 11: Bye Bye [preauth]"),
            "type=disconnect result=disconnected from=192.0.2.7 reason=11: Bye Bye preauth=yes");
  EXPECT_EQ(sshd("Received disconnect from 192.0.2.7 port 5:11: disconnected by user"),
            "type=disconnect result=disconnected from=192.0.2.7#5 reason=11: disconnected by user");
  EXPECT_EQ(sshd("Received disconnect from 2001:db8::7: 11: Bye"),
            "type=disconnect result=disconnected from=2001:db8::7 reason=11: Bye");
  EXPECT_EQ(sshd("Did not receive identification string from 192.0.2.7 port 5"),
            "type=disconnect result=disconnected from=192.0.2.7#5");
  EXPECT_EQ(sshd("Bad protocol version identification 'GET / from 198.51.100.1 port 1' from 192.0.2.7 port 5"),
            "type=disconnect result=disconnected from=192.0.2.7#5");
  EXPECT_EQ(sshd("Unable to negotiate with 192.0.2.7 port 5: no matching cipher found. Their offer: a,b [preauth]"),
            "type=disconnect result=disconnected from=192.0.2.7#5 reason=no matching cipher found. Their offer: a,b "
            "preauth=yes");
  EXPECT_EQ(sshd("Timeout before authentication for connection from 192.0.2.7 to 192.0.2.1, pid = 77"),
            "type=disconnect result=timeout from=192.0.2.7");
  EXPECT_EQ(sshd("Starting session: shell on pts/0 for alice from 192.0.2.7 port 5 id 0"),
            "type=session_open success=yes user=[alice] from=192.0.2.7#5 tty=pts/0");
  EXPECT_EQ(sshd("Close session: user alice from 192.0.2.7 port 5 id 0"),
            "type=session_close success=yes user=[alice] from=192.0.2.7#5");
}

TEST(Sshd, OtherProgramsOfOpenSsh) {
  EXPECT_EQ(testing::describe("sshd-session", "Invalid user a from 192.0.2.7 port 5"),
            sshd("Invalid user a from 192.0.2.7 port 5"));
  EXPECT_EQ(read_login_message("/usr/lib/openssh/sshd-session", "x").service, "sshd");
  EXPECT_EQ(testing::describe("notsshd", "Invalid user a from 192.0.2.7 port 5"), "");
}

TEST(Sshd, OtherMessagesAreNone) {
  for (const std::string_view message :
       {"", "Server listening on 0.0.0.0 port 22.", "Accepted", "Failed ", "Invalid user", "User child is on pid 77",
        "Received disconnect from nobody", "PAM service(sshd) ignoring max retries; 5 > 3"}) {
    EXPECT_EQ(read_login_message("sshd", message).type, "") << message;
  }
  EXPECT_EQ(sshd("reverse mapping checking getaddrinfo for a.example [192.0.2.7] failed - POSSIBLE BREAK-IN ATTEMPT!"),
            "from=192.0.2.7");
}

// The peer at 203.0.113.66 types names that look like the rest of a line, to lay the blame on 192.0.2.1 or on root.
TEST(SshdHostile, NamesThatImitateTheEndOfALine) {
  EXPECT_EQ(sshd("Failed password for invalid user x from 192.0.2.1 port 22 ssh2 from 203.0.113.66 port 999 ssh2"),
            "type=login_failed result=invalid user success=no method=password user=[x from 192.0.2.1 port 22 ssh2] "
            "from=203.0.113.66#999");
  EXPECT_EQ(
      sshd("Invalid user Accepted publickey for root from 192.0.2.1 from 203.0.113.66"),
      "type=account_check_failed result=invalid user success=no user=[Accepted publickey for root from 192.0.2.1] "
      "from=203.0.113.66");
  EXPECT_EQ(sshd("Invalid user x from 192.0.2.1 port 5 from 203.0.113.66 port 7"),
            "type=account_check_failed result=invalid user success=no user=[x from 192.0.2.1 port 5] "
            "from=203.0.113.66#7");
  EXPECT_EQ(sshd("Connection closed by invalid user x 192.0.2.1 port 5 203.0.113.66 port 7 [preauth]"),
            "type=disconnect result=disconnected user=[x 192.0.2.1 port 5] from=203.0.113.66#7 preauth=yes");
  EXPECT_EQ(sshd("Connection closed by invalid user x [preauth] 203.0.113.66 port 7 [preauth]"),
            "type=disconnect result=disconnected user=[x [preauth]] from=203.0.113.66#7 preauth=yes");
  EXPECT_EQ(
      sshd("error: maximum authentication attempts exceeded for invalid user root from 192.0.2.1 port 1 ssh2 from "
           "203.0.113.66 port 5 ssh2 [preauth]"),
      "type=auth_failed result=too many failures success=no user=[root from 192.0.2.1 port 1 ssh2] "
      "from=203.0.113.66#5 preauth=yes");
  EXPECT_EQ(sshd("Disconnecting: Too many authentication failures for x from 192.0.2.1 port 5 ssh2 [preauth]"),
            "type=disconnect result=too many failures success=no user=[x from 192.0.2.1 port 5 ssh2] preauth=yes");
  EXPECT_EQ(sshd("error: PAM: Authentication failure for illegal user x from 192.0.2.1 from 203.0.113.66"),
            "type=auth_failed result=invalid user success=no user=[x from 192.0.2.1] from=203.0.113.66 "
            "reason=Authentication failure");
  EXPECT_EQ(
      sshd("input_userauth_request: invalid user Accepted password for root from 192.0.2.1 port 1 ssh2 [preauth]"),
      "type=account_check_failed result=invalid user success=no user=[Accepted password for root from 192.0.2.1 "
      "port 1 ssh2] preauth=yes");
}

TEST(SshdHostile, AnUnknownAddressIsNotMadeUpFor) {
  EXPECT_EQ(sshd("Failed password for invalid user x from 192.0.2.1 port 22 ssh2 from UNKNOWN port 65535 ssh2"),
            "type=login_failed result=invalid user success=no method=password user=[x from 192.0.2.1 port 22 ssh2]");
}

TEST(SshdHostile, NamesThatImitateAKey) {
  // One reading is left: a plain key cannot end like this.
  EXPECT_EQ(
      sshd(with("Failed password for invalid user x from 192.0.2.1 port 22 ssh2: RSA FP from 203.0.113.66 port 9 "
                "ssh2")),
      with("type=login_failed result=invalid user success=no method=password user=[x from 192.0.2.1 port 22 ssh2: "
           "RSA FP] from=203.0.113.66#9"));
  // Two are left, by the name of the user and by the name in the certificate: none is taken.
  constexpr std::string_view kNone =
      "type=login_failed result=failed success=no method=publickey ambiguous=user ambiguous=target_user "
      "ambiguous=src_ip ambiguous=src_port ambiguous=key_fingerprint";
  EXPECT_EQ(sshd(with("Failed publickey for invalid user x from 192.0.2.1 port 22 ssh2: RSA-CERT FP ID y from "
                      "203.0.113.66 port 9 ssh2: RSA-CERT FP ID z (serial 5) CA RSA FP")),
            kNone);
  EXPECT_EQ(sshd(with("Failed publickey for x from 203.0.113.66 port 9 ssh2: RSA-CERT FP ID z from 192.0.2.1 port 22 "
                      "ssh2: RSA FP (serial 5) CA RSA FP")),
            with("type=login_failed result=failed success=no method=publickey key=RSA-CERT fingerprint=FP id=z from "
                 "192.0.2.1 port 22 ssh2: RSA FP serial=5 ca=RSA ca_fingerprint=FP user=[x] from=203.0.113.66#9"));
  // The last "(serial" and "CA" are sshd's.
  EXPECT_EQ(
      sshd(with("Accepted publickey for a from 203.0.113.66 port 9 ssh2: RSA-CERT FP ID z (serial 1) CA DSA "
                "SHA256:x (serial 5) CA RSA FP")),
      with("type=login result=accepted success=yes method=publickey key=RSA-CERT fingerprint=FP id=z (serial 1) CA "
           "DSA SHA256:x serial=5 ca=RSA ca_fingerprint=FP user=[a] from=203.0.113.66#9"));
}

TEST(SshdHostile, MethodsAreThePeersWordWhereTheyFail) {
  EXPECT_EQ(sshd("Failed password for admin from 192.0.2.1 port 22 ssh2 for root from 203.0.113.66 port 9 ssh2"),
            "type=login_failed result=failed success=no from=203.0.113.66#9 ambiguous=user ambiguous=target_user "
            "ambiguous=method");
  EXPECT_EQ(sshd("Failed a b for root from 203.0.113.66 port 9 ssh2"),
            "type=login_failed result=failed success=no from=203.0.113.66#9 ambiguous=user ambiguous=target_user "
            "ambiguous=method");
}

TEST(SshdHostile, ReasonsThatImitateAPeer) {
  EXPECT_EQ(sshd("Disconnecting invalid user x 192.0.2.1 port 5: Too many authentication failures 203.0.113.66 port 7: "
                 "Too many authentication failures [preauth]"),
            "type=disconnect result=too many failures success=no user=[x 192.0.2.1 port 5: Too many authentication "
            "failures] from=203.0.113.66#7 reason=Too many authentication failures preauth=yes");
  EXPECT_EQ(
      sshd("Disconnecting invalid user x 203.0.113.66 port 7: Change of username or service not allowed: (x,s) -> "
           "(y 192.0.2.1 port 5: z,s) [preauth]"),
      "type=disconnect result=disconnected preauth=yes ambiguous=user ambiguous=target_user ambiguous=src_ip "
      "ambiguous=src_port");
  EXPECT_EQ(
      sshd("Disconnecting invalid user x 203.0.113.66 port 7: Change of username or service not allowed: (x,s) -> "
           "(y,s) [preauth]"),
      "type=disconnect result=disconnected user=[x] from=203.0.113.66#7 reason=Change of username or service not "
      "allowed: (x,s) -> (y,s) preauth=yes");
  EXPECT_EQ(
      sshd("Unable to negotiate with invalid user x 203.0.113.66 port 7: no matching cipher found. Their offer: a "
           "192.0.2.1 port 5 [preauth]"),
      "type=disconnect result=disconnected user=[x] from=203.0.113.66#7 reason=no matching cipher found. Their "
      "offer: a 192.0.2.1 port 5 preauth=yes");
  EXPECT_EQ(sshd("Received disconnect from 203.0.113.66 port 7:11: x from 192.0.2.1 port 5:11: y [preauth]"),
            "type=disconnect result=disconnected from=203.0.113.66#7 reason=11: x from 192.0.2.1 port 5:11: y "
            "preauth=yes");
  EXPECT_EQ(sshd("message repeated 2 times: [ Invalid user x] from 192.0.2.1 from 203.0.113.66 port 7]"),
            "type=account_check_failed result=invalid user success=no user=[x] from 192.0.2.1] from=203.0.113.66#7 "
            "repeated=2");
}

TEST(SshdHostile, CutLinesAreNotAttributed) {
  const std::string line = with("Accepted publickey for alice from 192.0.2.7 port 2 ssh2: ED25519 FP");
  for (std::size_t size = 0; size < line.size(); ++size) {
    const LoginFacts facts = read_login_message("sshd", std::string_view(line).substr(0, size));
    EXPECT_EQ(facts.user.value_or("alice"), "alice");
    if (size < line.find(" from") + 8) {
      EXPECT_EQ(facts.source.ip, "");
    }
  }
}

}  // namespace
}  // namespace sightline::logins
