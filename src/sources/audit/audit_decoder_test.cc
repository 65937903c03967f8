#include "sources/audit/audit_decoder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "sources/audit/decode_testing.h"

namespace sightline::audit {
namespace {

using testing::attributes;
using testing::decode;
using testing::dump;
using testing::text;
using testing::texts;
using Texts = std::vector<std::string>;

// A call with what every SYSCALL record has; `call` is arch to a3 and items.
std::string syscall_record(const std::string& stamp, const std::string& call, const std::string& exe = "/usr/bin/cat") {
  return "type=SYSCALL msg=audit(" + stamp + "): " + call +
         " ppid=10 pid=11 auid=1000 uid=1000 gid=1001 euid=0 suid=0 fsuid=0 egid=1001 sgid=1001 fsgid=1001 tty=pts0 "
         "ses=3"
         " comm=\"cat\" exe=\"" +
         exe + "\" key=\"k\"\n";
}

TEST(AuditDecoder, StartOfAProgram) {
  const std::string stamp = "1600362902.289:7";
  const std::string lines =
      syscall_record(stamp, "arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=2 a2=3 a3=4 items=2") +
      "type=EXECVE msg=audit(" + stamp + "): argc=3 a0=\"cat\" a1=2F746D702F6120622E747874 a2=\"-\"\n" +
      "type=CWD msg=audit(" + stamp + "): cwd=\"/home/ubuntu\"\n" + "type=PATH msg=audit(" + stamp +
      "): item=0 name=\"/usr/bin/cat\" inode=9 dev=08:01 mode=0100755 nametype=NORMAL\n" + "type=PATH msg=audit(" +
      stamp + "): item=1 name=\"/lib64/ld.so\" inode=8 dev=08:01 mode=0100755 nametype=NORMAL\n" +
      "type=PROCTITLE msg=audit(" + stamp + "): proctitle=636174002F746D702F6120622E747874002D\n" +
      "type=EOE msg=audit(" + stamp + "): \n";
  const auto out = decode(lines, SIZE_MAX, {"agent-1", "host-1", "i-1", "42"});
  ASSERT_EQ(out.events.size(), 1u);
  EXPECT_EQ(out.rejected_count, 0u);
  const Event& event = out.events.events()[0];
  EXPECT_EQ(event.event_time_ms, 1600362902289);
  EXPECT_EQ(event.original, lines);
  EXPECT_EQ(text(event, FieldId::event_type), "audit");
  EXPECT_EQ(text(event, FieldId::type), "start");
  EXPECT_EQ(text(event, FieldId::syscall), "execve");
  EXPECT_EQ(text(event, FieldId::arch), "x86_64");
  EXPECT_EQ(text(event, FieldId::arguments), "cat /tmp/a b.txt -");
  EXPECT_EQ(texts(event, FieldId::args), (Texts{"cat", "/tmp/a b.txt", "-"}));
  EXPECT_EQ(text(event, FieldId::proctitle), "cat /tmp/a b.txt -");
  EXPECT_EQ(text(event, FieldId::command), "cat");
  EXPECT_EQ(text(event, FieldId::exe), "/usr/bin/cat");
  EXPECT_EQ(text(event, FieldId::cwd), "/home/ubuntu");
  EXPECT_EQ(texts(event, FieldId::path), (Texts{"/usr/bin/cat", "/lib64/ld.so"}));
  EXPECT_EQ(text(event, FieldId::filename), "/usr/bin/cat");
  EXPECT_EQ(event.integer(FieldId::inode), 9);
  EXPECT_EQ(texts(event, FieldId::key), Texts{"k"});
  EXPECT_EQ(event.integer(FieldId::serial), 7);
  EXPECT_EQ(event.integer(FieldId::success), 1);
  EXPECT_EQ(event.find(FieldId::partial), nullptr);
  EXPECT_EQ(event.find(FieldId::user), nullptr);  // 1000 could be anybody
  EXPECT_EQ(text(event, FieldId::euser), "root");
  EXPECT_EQ(texts(event, FieldId::record_type), (Texts{"SYSCALL", "EXECVE", "CWD", "PATH", "PROCTITLE", "EOE"}));
  EXPECT_EQ(attributes(event, "suid"), Texts{"0"});
  EXPECT_EQ(attributes(event, "a0"), Texts{"1"});
  EXPECT_EQ(attributes(event, "dev"), (Texts{"08:01", "08:01"}));
  EXPECT_EQ(text(event, FieldId::agent_id), "agent-1");
  EXPECT_EQ(text(event, FieldId::hostname), "host-1");
  EXPECT_EQ(text(event, FieldId::instance_id), "i-1");
  EXPECT_EQ(text(event, FieldId::account_id), "42");
}

TEST(AuditDecoder, ANodeDoesNotOverruleABoundSender) {
  const std::string line = "node=web2 type=USER_CMD msg=audit(5.000:1): pid=1 uid=0 res=success\n";
  const auto decode_as = [&](const sources::DecodeContext& context) { return decode(line, SIZE_MAX, context); };
  const auto bound = decode_as({"agent-1", "web1", "", "", 0, true});
  ASSERT_EQ(bound.events.size(), 1u);
  EXPECT_EQ(text(bound.events.events()[0], FieldId::agent_id), "agent-1");
  EXPECT_EQ(text(bound.events.events()[0], FieldId::hostname), "web1");
  EXPECT_EQ(attributes(bound.events.events()[0], "claimed_hostname"), Texts{"web2"});
  const auto relay = decode_as({"relay", "web1", "", "", 0, false});
  EXPECT_EQ(text(relay.events.events()[0], FieldId::hostname), "web2");
  const auto silent = decode_as({"agent-1", "", "", "", 0, true});
  EXPECT_EQ(text(silent.events.events()[0], FieldId::hostname), "web2");
}

TEST(AuditDecoder, NamesFromTheEnrichedPart) {
  const auto out = decode(
      "node=web1 type=SYSCALL msg=audit(5.000:1): arch=c000003e syscall=42 success=yes exit=0 a0=3 a1=1 a2=10 a3=0 "
      "items=0 "
      "ppid=1 pid=2 auid=1000 uid=0 gid=0 euid=0 suid=0 tty=(none) ses=4294967295 comm=\"curl\" exe=\"/usr/bin/curl\" "
      "key=(null)\x1d"
      "ARCH=x86_64 SYSCALL=connect AUID=\"ubuntu\" UID=\"root\" GID=\"root\" EUID=\"root\" SUID=\"root\"\n"
      "node=web1 type=SOCKADDR msg=audit(5.000:1): saddr=02000050A9FEA9FE0000000000000000\x1dSADDR={ saddr_fam=inet "
      "laddr=169.254.169.254 lport=80 }\n");
  ASSERT_EQ(out.events.size(), 1u);
  const Event& event = out.events.events()[0];
  EXPECT_EQ(text(event, FieldId::hostname), "web1");
  EXPECT_EQ(text(event, FieldId::auser), "ubuntu");
  EXPECT_EQ(text(event, FieldId::user), "root");
  EXPECT_EQ(texts(event, FieldId::group), Texts{"root"});
  EXPECT_EQ(text(event, FieldId::type), "connect");
  EXPECT_EQ(text(event, FieldId::dst_ip), "169.254.169.254");
  EXPECT_EQ(event.integer(FieldId::dst_port), 80);
  EXPECT_EQ(event.find(FieldId::src_ip), nullptr);
  EXPECT_EQ(event.find(FieldId::tty), nullptr);
  EXPECT_EQ(event.integer(FieldId::session), 4294967295);
  EXPECT_EQ(attributes(event, "SUID"), Texts{"root"});
}

TEST(AuditDecoder, UnsetLoginHasNoName) {
  const auto out = decode(
      "type=SYSCALL msg=audit(5.000:1): arch=c000003e syscall=57 auid=4294967295 uid=33 key=(null)\x1d"
      "AUID=\"unset\" UID=\"unknown(33)\"\n");
  ASSERT_EQ(out.events.size(), 1u);
  EXPECT_EQ(out.events.events()[0].find(FieldId::auser), nullptr);
  EXPECT_EQ(out.events.events()[0].find(FieldId::user), nullptr);
}

TEST(AuditDecoder, AcceptedPeerIsTheSource) {
  const auto out =
      decode(syscall_record("5.000:1", "arch=c000003e syscall=43 success=yes exit=5 a0=3 a1=1 a2=2 a3=0 items=0",
                            "/usr/sbin/sshd") +
             "type=SOCKADDR msg=audit(5.000:1): saddr=0200E31C4853E6640000000000000000\n");
  const Event& event = out.events.events().at(0);
  EXPECT_EQ(text(event, FieldId::type), "accept");
  EXPECT_EQ(text(event, FieldId::src_ip), "72.83.230.100");
  EXPECT_EQ(event.integer(FieldId::src_port), 58140);
  EXPECT_EQ(event.find(FieldId::dst_ip), nullptr);
}

TEST(AuditDecoder, SocketcallOf32Bits) {
  const auto out =
      decode(syscall_record("5.000:1", "arch=40000003 syscall=102 success=yes exit=0 a0=3 a1=ff a2=2 a3=0 items=0") +
             "type=SOCKETCALL msg=audit(5.000:1): nargs=3 a0=3 a1=ff a2=10\n"
             "type=SOCKADDR msg=audit(5.000:1): saddr=0200005001020304\n");
  const Event& event = out.events.events().at(0);
  EXPECT_EQ(text(event, FieldId::arch), "i386");
  EXPECT_EQ(text(event, FieldId::syscall), "socketcall");
  EXPECT_EQ(text(event, FieldId::type), "connect");
  EXPECT_EQ(text(event, FieldId::dst_ip), "1.2.3.4");
}

// call: openat, its flags in a2
std::string opened(const std::string& outcome, const std::string& flags, const std::string& path) {
  return syscall_record("9.000:1",
                        "arch=c000003e syscall=257 " + outcome + " a0=ffffff9c a1=7f a2=" + flags + " a3=0 items=1") +
         "type=CWD msg=audit(9.000:1): cwd=\"/root\"\ntype=PATH msg=audit(9.000:1): item=0 " + path + "\n";
}

TEST(AuditDecoder, AFileThatDoesNotExistIsStillAnOpenOfIt) {
  const auto out = decode(opened("success=no exit=-2", "0", "name=\".aws/credentials\" nametype=UNKNOWN"));
  const Event& event = out.events.events().at(0);
  EXPECT_EQ(text(event, FieldId::event_type), "file");
  EXPECT_EQ(text(event, FieldId::type), "open");
  EXPECT_EQ(text(event, FieldId::filename), "/root/.aws/credentials");
  EXPECT_EQ(event.integer(FieldId::success), 0);
  EXPECT_EQ(event.integer(FieldId::exit), -2);
  EXPECT_EQ(text(event, FieldId::exit_name), "ENOENT");
}

TEST(AuditDecoder, OpenCreateModify) {
  const auto type_of = [](const std::string& lines) {
    return text(decode(lines).events.events().at(0), FieldId::type);
  };
  const std::string normal = "name=\"x\" inode=5 mode=0100644 nametype=NORMAL";
  EXPECT_EQ(type_of(opened("success=yes exit=3", "0", normal)), "open");
  EXPECT_EQ(type_of(opened("success=yes exit=3", "80000", normal)), "open");
  EXPECT_EQ(type_of(opened("success=yes exit=3", "1", normal)), "modify");
  EXPECT_EQ(type_of(opened("success=yes exit=3", "2", normal)), "modify");
  EXPECT_EQ(type_of(opened("success=yes exit=3", "241", normal)), "modify");
  EXPECT_EQ(type_of(opened("success=yes exit=3", "200", normal)), "modify");
  EXPECT_EQ(type_of(opened("success=yes exit=3", "241", "name=\"x\" inode=5 nametype=CREATE")), "create");
  EXPECT_EQ(type_of(opened("success=no exit=-13", "241", normal)), "open");
}

TEST(AuditDecoder, OpenatOfSecondKindHasItsFlagsInARecord) {
  const auto out = decode(
      syscall_record("9.000:1", "arch=c000003e syscall=437 success=yes exit=3 a0=ffffff9c a1=7f a2=8 a3=18 items=1") +
      "type=OPENAT2 msg=audit(9.000:1): oflag=0101 mode=0644 resolve=0x8\n"
      "type=PATH msg=audit(9.000:1): item=0 name=\"/tmp/x\" nametype=NORMAL\n");
  EXPECT_EQ(text(out.events.events().at(0), FieldId::type), "modify");
  EXPECT_EQ(attributes(out.events.events().at(0), "oflag"), Texts{"0101"});
}

TEST(AuditDecoder, Rename) {
  const auto out =
      decode(syscall_record("9.000:1", "arch=c000003e syscall=82 success=yes exit=0 a0=1 a1=2 a2=3 a3=4 items=4") +
             "type=CWD msg=audit(9.000:1): cwd=\"/srv\"\n"
             "type=PATH msg=audit(9.000:1): item=3 name=\"new\" inode=5 mode=0100640 nametype=CREATE\n"
             "type=PATH msg=audit(9.000:1): item=0 name=\"/srv\" inode=1 nametype=PARENT\n"
             "type=PATH msg=audit(9.000:1): item=1 name=\"/srv\" inode=1 nametype=PARENT\n"
             "type=PATH msg=audit(9.000:1): item=2 name=\"old\" inode=5 nametype=DELETE\n");
  const Event& event = out.events.events().at(0);
  EXPECT_EQ(text(event, FieldId::type), "rename");
  EXPECT_EQ(text(event, FieldId::old_filename), "/srv/old");
  EXPECT_EQ(text(event, FieldId::filename), "/srv/new");
  EXPECT_EQ(event.integer(FieldId::inode), 5);
  EXPECT_EQ(text(event, FieldId::file_mode), "0100640");
  EXPECT_EQ(texts(event, FieldId::path), (Texts{"/srv", "/srv", "/srv/old", "/srv/new"}));
}

TEST(AuditDecoder, MoreThanSixteenPaths) {
  std::string lines =
      syscall_record("9.000:1", "arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=2 a2=3 a3=4 items=40");
  lines += "type=EXECVE msg=audit(9.000:1): argc=1 a0=\"x\"\n";
  for (int i = 39; i >= 0; --i) {
    lines += "type=PATH msg=audit(9.000:1): item=" + std::to_string(i) + " name=\"/p" + std::to_string(i) + "\"\n";
  }
  const auto out = decode(lines);
  const Event& event = out.events.events().at(0);
  const Texts paths = texts(event, FieldId::path);
  ASSERT_EQ(paths.size(), 40u);
  EXPECT_EQ(paths.front(), "/p0");
  EXPECT_EQ(paths.back(), "/p39");
  EXPECT_EQ(event.find(FieldId::partial), nullptr);
}

TEST(AuditDecoder, SystemCallsHaveTheirVerbs) {
  const std::pair<const char*, const char*> cases[] = {
      {"49", "bind"},      {"101", "ptrace"},      {"175", "module_load"}, {"176", "module_unload"},
      {"105", "setuid"},   {"117", "setuid"},      {"165", "mount"},       {"166", "umount"},
      {"159", "adjtimex"}, {"227", "time_change"}, {"164", "time_change"}, {"62", "kill"},
      {"231", "exit"},     {"56", "fork"},         {"39", "getpid"},       {"9999", "9999"},
      {"161", "chroot"},   {"288", "accept"},      {"44", "send"},
  };
  for (const auto& [number, type] : cases) {
    const auto out = decode(syscall_record("9.000:1", std::string("arch=c000003e syscall=") + number + " items=0"));
    EXPECT_EQ(text(out.events.events().at(0), FieldId::type), type) << number;
    EXPECT_EQ(text(out.events.events().at(0), FieldId::event_type), "audit") << number;
  }
}

TEST(AuditDecoder, FileCallsAreFileEvents) {
  const std::pair<const char*, const char*> cases[] = {
      {"87", "delete"}, {"263", "delete"}, {"90", "attrib"},  {"92", "attrib"}, {"76", "modify"},
      {"86", "create"}, {"83", "create"},  {"188", "attrib"}, {"21", "access"},
  };
  for (const auto& [number, type] : cases) {
    const auto out = decode(syscall_record("9.000:1", std::string("arch=c000003e syscall=") + number + " items=0"));
    EXPECT_EQ(text(out.events.events().at(0), FieldId::type), type) << number;
    EXPECT_EQ(text(out.events.events().at(0), FieldId::event_type), "file") << number;
  }
}

TEST(AuditDecoder, ExitStatusComesFromItsArgument) {
  const auto out =
      decode("type=SYSCALL msg=audit(9.000:1): arch=c000003e syscall=231 a0=103 a1=0 items=0 pid=5 key=(null)\n");
  EXPECT_EQ(out.events.events().at(0).integer(FieldId::exit), 3);
  EXPECT_EQ(out.events.events().at(0).find(FieldId::success), nullptr);
}

TEST(AuditDecoder, LoginRecords) {
  const std::string end = " exe=\"/usr/sbin/sshd\" hostname=10.1.2.3 addr=10.1.2.3 terminal=/dev/pts/1 res=";
  const auto login = [&](const std::string& type, const std::string& middle, const std::string& result) {
    return decode("type=" + type + " msg=audit(9.000:1): pid=9 uid=0 auid=1000 ses=2 msg='" + middle + end + result +
                  "'\x1dUID=\"root\" AUID=\"ubuntu\"\n");
  };
  const auto out = login("USER_LOGIN", "op=login acct=\"ubuntu\"", "success");
  const Event& event = out.events.events().at(0);
  EXPECT_EQ(text(event, FieldId::event_type), "login");
  EXPECT_EQ(text(event, FieldId::type), "login");
  EXPECT_EQ(text(event, FieldId::target_user), "ubuntu");
  EXPECT_EQ(text(event, FieldId::src_ip), "10.1.2.3");
  EXPECT_EQ(text(event, FieldId::tty), "pts1");
  EXPECT_EQ(text(event, FieldId::service), "sshd");
  EXPECT_EQ(text(event, FieldId::operation), "login");
  EXPECT_EQ(text(event, FieldId::auser), "ubuntu");
  EXPECT_EQ(attributes(event, "terminal"), Texts{"/dev/pts/1"});
  EXPECT_EQ(attributes(event, "audit.hostname"), Texts{"10.1.2.3"});
  EXPECT_EQ(event.find(FieldId::hostname), nullptr);  // hostname= is the peer's, not this host's

  const auto failed = login("USER_LOGIN", "op=login acct=28696E76616C6964207573657229", "failed");
  EXPECT_EQ(text(failed.events.events().at(0), FieldId::type), "login_failed");
  EXPECT_EQ(text(failed.events.events().at(0), FieldId::target_user), "(invalid user)");

  const auto password = login("USER_AUTH", "op=PAM:authentication grantors=pam_unix acct=\"ubuntu\"", "success");
  EXPECT_EQ(text(password.events.events().at(0), FieldId::type), "auth");
  EXPECT_EQ(text(password.events.events().at(0), FieldId::method), "password");
  const auto key = login("USER_AUTH", "op=pubkey_auth rport=63927 acct=\"ubuntu\"", "failed");
  EXPECT_EQ(text(key.events.events().at(0), FieldId::type), "auth_failed");
  EXPECT_EQ(text(key.events.events().at(0), FieldId::method), "publickey");
  EXPECT_EQ(key.events.events().at(0).integer(FieldId::src_port), 63927);
}

TEST(AuditDecoder, ThePeersAddressIsAddrBeforeHostname) {
  const auto source = [](const std::string& peer) {
    return text(decode("type=USER_LOGIN msg=audit(9.000:1): pid=9 msg='op=login " + peer + " res=success'\n")
                    .events.events()
                    .at(0),
                FieldId::src_ip);
  };
  EXPECT_EQ(source("hostname=10.0.0.1 addr=10.0.0.2"), "10.0.0.2");
  EXPECT_EQ(source("hostname=10.0.0.1 addr=?"), "10.0.0.1");
  EXPECT_EQ(source("hostname=example.org addr=?"), "");
}

TEST(AuditDecoder, AProgramCannotOverruleWhatTheKernelSaysOfIt) {
  const auto out =
      decode("type=USER_CMD msg=audit(9.000:1): pid=9 uid=1000 auid=1000 msg='cmd=6C73 uid=0 auid=0 res=success'\n");
  const Event& event = out.events.events().at(0);
  EXPECT_EQ(event.integer(FieldId::uid), 1000);
  EXPECT_EQ(event.integer(FieldId::auid), 1000);
  EXPECT_EQ(attributes(event, "audit.uid"), Texts{"0"});
}

TEST(AuditDecoder, KeyOfALogin) {
  const auto out = decode(
      "type=CRYPTO_KEY_USER msg=audit(9.000:1): pid=9 uid=0 auid=4294967295 ses=4294967295 msg='op=negotiate "
      "kind=auth-key "
      "fp=SHA256:2b:aa rport=5000 acct=\"ubuntu\" exe=\"/usr/sbin/sshd\" hostname=? addr=10.1.2.3 terminal=? "
      "res=success'\n");
  const Event& event = out.events.events().at(0);
  EXPECT_EQ(text(event, FieldId::type), "crypto_key");
  EXPECT_EQ(text(event, FieldId::key_fingerprint), "SHA256:2b:aa");
  EXPECT_EQ(text(event, FieldId::method), "publickey");
  EXPECT_EQ(text(event, FieldId::target_user), "ubuntu");
}

TEST(AuditDecoder, CommandOfSudo) {
  const auto out = decode(
      "type=USER_CMD msg=audit(9.000:1): pid=9 uid=1000 auid=1000 ses=2 msg='cwd=\"/home/ubuntu\" "
      "cmd=636174202F726F6F742F2E6177732F63726564656E7469616C73 exe=\"/usr/bin/sudo\" terminal=pts/0 res=success'\n");
  const Event& event = out.events.events().at(0);
  EXPECT_EQ(text(event, FieldId::event_type), "login");
  EXPECT_EQ(text(event, FieldId::type), "command");
  EXPECT_EQ(text(event, FieldId::arguments), "cat /root/.aws/credentials");
  EXPECT_EQ(text(event, FieldId::command), "sudo");
  EXPECT_EQ(text(event, FieldId::cwd), "/home/ubuntu");
}

TEST(AuditDecoder, KeysOfSeveralRules) {
  const auto out = decode("type=SYSCALL msg=audit(9.000:1): arch=c000003e syscall=57 key=65786563013634626974\n");
  EXPECT_EQ(texts(out.events.events().at(0), FieldId::key), (Texts{"exec", "64bit"}));
}

TEST(AuditDecoder, AccessVectorBesideItsCall) {
  const auto out = decode(
      "type=AVC msg=audit(9.000:1): avc:  denied  { read write } for  pid=11 comm=\"x\" name=\"maildrop\" dev=hda7 "
      "scontext=a:b:c:s0 tclass=dir\n" +
      syscall_record("9.000:1", "arch=c000003e syscall=2 success=no exit=-13 a0=1 a1=0 items=0"));
  const Event& event = out.events.events().at(0);
  EXPECT_EQ(text(event, FieldId::type), "open");
  EXPECT_EQ(attributes(event, "seresult"), Texts{"denied"});
  EXPECT_EQ(attributes(event, "seperms"), (Texts{"read", "write"}));
  EXPECT_EQ(attributes(event, "audit.name"), Texts{"maildrop"});
  EXPECT_EQ(attributes(event, "audit.comm"), Texts{"x"});  // the call says "cat"
  EXPECT_EQ(text(event, FieldId::comm), "cat");
}

TEST(AuditDecoder, ARecordThatSaysMoreThanItsCarrierNamesTheEvent) {
  const auto type_of = [](const std::string& record, const std::string& number) {
    return text(decode(record + syscall_record("9.000:1", "arch=c000003e syscall=" + number + " items=0"))
                    .events.events()
                    .at(0),
                FieldId::type);
  };
  EXPECT_EQ(type_of("type=NETFILTER_CFG msg=audit(9.000:1): table=filter family=2 entries=7\n", "54"),
            "netfilter_change");
  EXPECT_EQ(type_of("type=NETFILTER_CFG msg=audit(9.000:1): table=filter family=2 entries=7\n", "46"),
            "netfilter_change");
  EXPECT_EQ(type_of("type=NETFILTER_CFG msg=audit(9.000:1): table=filter family=2 entries=0\n", "313"), "module_load");
  EXPECT_EQ(type_of("type=CONFIG_CHANGE msg=audit(9.000:1): op=updated_rules path=\"/etc/x\" list=4 res=1\n", "87"),
            "delete");
  EXPECT_EQ(type_of("type=LOGIN msg=audit(9.000:1): pid=11 uid=0 old-auid=4294967295 auid=1000 res=1\n", "1"),
            "session_start");
  EXPECT_EQ(type_of("type=ANOM_LINK msg=audit(9.000:1): op=follow_link ppid=10 res=0\n", "2"), "anom_link");
}

TEST(AuditDecoder, SystemRecords) {
  const std::pair<const char*, const char*> cases[] = {
      {"type=ADD_USER msg=audit(9.000:1): pid=1 msg='op=add-user id=1000 exe=\"/usr/sbin/useradd\" res=success'",
       "user_add"},
      {"type=ADD_USER msg=audit(9.000:1): pid=1 msg='op=add-user id=1000 exe=\"/usr/sbin/useradd\" res=failed'",
       "user_add_failed"},
      {"type=CONFIG_CHANGE msg=audit(9.000:1): op=add_rule key=\"pam\" list=4 res=1", "config_change"},
      {"type=DAEMON_END msg=audit(9.000:1): op=terminate auid=0 pid=1 res=success", "daemon_end"},
      {"type=SERVICE_STOP msg=audit(9.000:1): pid=1 msg='unit=auditd res=success'", "service_stop"},
      {"type=SYSTEM_BOOT msg=audit(9.000:1): pid=1 msg=' comm=\"x\" res=success'", "boot"},
      {"type=SECCOMP msg=audit(9.000:1): pid=1 comm=\"x\" sig=31 arch=40000003 syscall=132 code=0x0", "seccomp"},
      {"type=ANOM_ABEND msg=audit(9.000:1): pid=1 comm=\"x\" sig=11", "anom_abend"},
      {"type=TTY msg=audit(9.000:1): tty pid=1 comm=\"bash\" data=6C730D", "tty_input"},
      {"type=BPF msg=audit(9.000:1): prog-id=75 op=LOAD", "bpf"},
      {"type=ANOM_LOGIN_FAILURES msg=audit(9.000:1): pid=1 msg='res=failed'", "anom_login_failures"},
      {"type=KERNEL msg=audit(9.000:1): initialized", "kernel"},
      {"type=NEVER_HEARD_OF msg=audit(9.000:1): a=b", "never_heard_of"},
  };
  for (const auto& [line, type] : cases) {
    const auto out = decode(line);
    ASSERT_EQ(out.events.size(), 1u) << line;
    EXPECT_EQ(text(out.events.events()[0], FieldId::type), type) << line;
    EXPECT_EQ(text(out.events.events()[0], FieldId::event_type), "audit") << line;
    EXPECT_EQ(out.events.events()[0].find(FieldId::partial), nullptr) << line;
  }
}

TEST(AuditDecoder, ValuesThatDoNotFitAreKept) {
  const auto out = decode("type=ANOM_ABEND msg=audit(9.000:1): pid=x12 uid=0 success=maybe id=7 user=joe sig=11\n");
  const Event& event = out.events.events().at(0);
  EXPECT_EQ(texts(event, FieldId::malformed), (Texts{"pid", "success"}));
  EXPECT_EQ(attributes(event, "pid"), Texts{"x12"});
  EXPECT_EQ(attributes(event, "success"), Texts{"maybe"});
  EXPECT_EQ(attributes(event, "audit.id"), Texts{"7"});
  EXPECT_EQ(attributes(event, "audit.user"), Texts{"joe"});
  EXPECT_EQ(attributes(event, "sig"), Texts{"11"});
}

TEST(AuditDecoder, OldLoginRecord) {
  const auto out = decode("type=LOGIN msg=audit(9.000:1): login pid=1 uid=0 old auid=4294967295 new auid=1000\n");
  EXPECT_EQ(out.events.events().at(0).integer(FieldId::auid), 1000);
  EXPECT_EQ(attributes(out.events.events().at(0), "old-auid"), Texts{"4294967295"});
}

TEST(AuditDecoder, WhatIsCutIsMarked) {
  const auto partial = [](const std::string& lines) {
    const auto out = decode(lines);
    EXPECT_EQ(out.events.size(), 1u) << lines;
    return out.events.events().at(0).integer(FieldId::partial).value_or(0) == 1;
  };
  const std::string exec = "arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=2 a2=3 a3=4 items=";
  const std::string args = "type=EXECVE msg=audit(9.000:1): argc=2 a0=\"a\" a1=\"b\"\n";
  EXPECT_FALSE(partial(syscall_record("9.000:1", exec + "0") + args));
  EXPECT_TRUE(partial(syscall_record("9.000:1", exec + "1") + args));
  EXPECT_TRUE(partial(syscall_record("9.000:1", exec + "0")));
  EXPECT_TRUE(partial(syscall_record("9.000:1", exec + "0") + "type=EXECVE msg=audit(9.000:1): argc=2 a0=\"a\"\n"));
  EXPECT_TRUE(partial(args));
  EXPECT_TRUE(partial("type=CWD msg=audit(9.000:1): cwd=\"/\"\n"));
  EXPECT_TRUE(partial("type=USER_LOGIN msg=audit(9.000:1): pid=1 msg='op=login acct=\"ub"));
  EXPECT_TRUE(partial("type=SYSCALL msg=audit(9.000:1): arch=c000003e syscall=57 success=yes exit"));
  EXPECT_FALSE(partial("type=SYSCALL msg=audit(9.000:1): arch=c000003e syscall=57 success=yes exit=3 key=(null)"));
}

TEST(AuditDecoder, BadLinesAreNamedAndGoodOnesAroundThemKept) {
  const std::string good1 = "type=USER_LOGIN msg=audit(9.000:1): pid=1 msg='op=login res=success'\r\n";
  const std::string good2 = "type=USER_LOGIN msg=audit(9.000:2): pid=1 msg='op=login res=success'\n";
  const std::string lines = "\n----\ntime->Fri Apr 21 05:49:55 2017\n" + good1 + "\xff\xfe rubbish\n" +
                            "type=USER_LOGIN msg=audit(99999999999.000:1): x=1\n" + good2;
  const auto out = decode(lines);
  ASSERT_EQ(out.events.size(), 2u);
  EXPECT_EQ(out.events.events()[0].original, good1);
  EXPECT_EQ(out.events.events()[1].original, good2);
  EXPECT_EQ(out.events.events()[0].integer(FieldId::success), 1);
  ASSERT_EQ(out.rejected.size(), 2u);
  EXPECT_EQ(out.rejected_count, 2u);
  EXPECT_EQ(out.rejected[0].line, 5u);
  EXPECT_EQ(out.rejected[0].error, "column 1: expected type=");
  EXPECT_EQ(out.rejected[1].line, 6u);
  EXPECT_EQ(out.rejected[1].error, "column 27: expected seconds since 1970, before the year 2262");
}

TEST(AuditDecoder, LinesThatAreTooLong) {
  const std::string long_line =
      "type=EXECVE msg=audit(9.000:1): a0=\"" + std::string(sources::kMaxLineBytes, 'x') + "\"\n";
  const std::string good = "type=USER_LOGIN msg=audit(9.000:2): pid=1 msg='op=login res=success'\n";
  for (const std::size_t chunk_size : {std::size_t{SIZE_MAX}, std::size_t{1000003}, std::size_t{4096}}) {
    const auto out = decode(long_line + good, chunk_size);
    ASSERT_EQ(out.rejected.size(), 1u);
    EXPECT_EQ(out.rejected[0].line, 1u);
    EXPECT_EQ(out.rejected[0].size_bytes, long_line.size());
    EXPECT_EQ(out.rejected[0].bytes, long_line.substr(0, sources::kMaxRejectedBytes));
    ASSERT_EQ(out.events.size(), 1u);
    EXPECT_EQ(out.events.events()[0].original, good);
  }
}

// Events with records that never change, so that an order can be told from the outcome.
std::vector<std::string> sample_lines() {
  std::vector<std::string> lines;
  for (int serial = 1; serial <= 8; ++serial) {
    const std::string stamp = "9.00" + std::to_string(serial) + ":" + std::to_string(serial);
    lines.push_back(syscall_record(stamp, "arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=2 a2=3 a3=4 items=1"));
    lines.push_back("type=EXECVE msg=audit(" + stamp + "): argc=3 a0=\"x\" a1=\"y\"\n");
    lines.push_back("type=EXECVE msg=audit(" + stamp + "): a2=\"" + std::to_string(serial) + "\"\n");
    lines.push_back("type=CWD msg=audit(" + stamp + "): cwd=\"/d" + std::to_string(serial) + "\"\n");
    lines.push_back("type=PATH msg=audit(" + stamp + "): item=0 name=\"f\"\n");
    lines.push_back("type=PROCTITLE msg=audit(" + stamp + "): proctitle=78\n");
    lines.push_back("type=EOE msg=audit(" + stamp + "): \n");
  }
  return lines;
}

TEST(AuditDecoder, AnyOrderOfRecordsGivesTheSameEvents) {
  std::vector<std::string> lines = sample_lines();
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    std::shuffle(lines.begin(), lines.end(), random);
    std::string input;
    for (const std::string& line : lines) input += line;
    const auto out = decode(input);
    ASSERT_EQ(out.events.size(), 8u);
    std::size_t original_bytes = 0;
    for (const Event& event : out.events.events()) {
      const std::string serial = std::to_string(event.integer(FieldId::serial).value_or(0));
      EXPECT_EQ(text(event, FieldId::arguments), "x y " + serial);
      EXPECT_EQ(text(event, FieldId::filename), "/d" + serial + "/f");
      EXPECT_EQ(event.find(FieldId::partial), nullptr);
      original_bytes += event.original.size();
    }
    EXPECT_EQ(original_bytes, input.size());
  }
}

TEST(AuditDecoder, ChunksDoNotMatter) {
  std::string input = "rubbish\n";
  for (const std::string& line : sample_lines()) input += line;
  input += "type=CWD msg=audit(9.009:9): cwd=\"/cut";
  const auto whole = decode(input);
  for (const std::size_t chunk_size : {1, 2, 3, 7, 64, 100, 1000}) {
    const auto parts = decode(input, chunk_size);
    ASSERT_EQ(parts.events.size(), whole.events.size());
    for (std::size_t i = 0; i < whole.events.size(); ++i) {
      EXPECT_EQ(dump(parts.events.events()[i]), dump(whole.events.events()[i]));
    }
    EXPECT_EQ(parts.rejected_count, 1u);
  }
}

TEST(AuditDecoder, EventsCanBeTakenInPortions) {
  const auto decoder = make_audit_decoder({});
  std::size_t count = 0;
  for (const std::string& line : sample_lines()) {
    sources::Decoded out;
    decoder->write(line, out);
    count += out.events.size();
  }
  sources::Decoded out;
  decoder->finish(out);
  EXPECT_EQ(count + out.events.size(), 8u);
}

}  // namespace
}  // namespace sightline::audit
