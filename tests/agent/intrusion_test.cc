// The host part of the investigation, with nothing recorded beforehand: somebody logs in with a stolen key, becomes
// root, looks for credentials in vain, and asks the metadata service. A real sshd, a real sudo, the real kernel.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <csignal>
#include <fstream>

#include "agent/intruded_host.h"
#include "agent/kernel_audit_fixture.h"

namespace sightline::testing {
namespace {

namespace json = boost::json;

class Intrusion : public KernelAuditTest {
 protected:
  std::vector<std::string> server_arguments() const override { return {"--rules", SIGHTLINE_RULES_DIR}; }

  // One event that the query finds.
  json::value one(const std::string& query) {
    const json::array events = search_until(query, 1);
    EXPECT_EQ(events.size(), 1U) << query;
    return events.empty() ? json::value(json::object()) : events.front();
  }

  json::array alerts() {
    const Outcome listed =
        run_program({program("sightline"), "alerts", "list", "--output", "ndjson"}, server().client_environment());
    EXPECT_EQ(listed.exit_code, 0) << listed.err;
    json::array alerts;
    std::istringstream lines(listed.out);
    for (std::string line; std::getline(lines, line);) alerts.push_back(json::parse(line));
    return alerts;
  }
};

void print(const json::value& event) {
  std::string line;
  for (const char* member :
       {"event_type", "type", "auser", "user", "session", "exe", "arguments", "filename", "dst_ip", "exit_name"}) {
    if (const std::string text = text_of(event, member); !text.empty()) line += fmt::format(" {}={}", member, text);
  }
  std::printf("  %s\n", line.c_str());
}

TEST_F(Intrusion, IsEventsOfOneSessionAndAnAlert) {
  if (const std::string why = IntrudedHost::missing(); !why.empty())
    GTEST_SKIP() << "NOT TESTED, no host can be set up here: " << why;
  IntrudedHost host(directory());
  start_agent({"--audit", "auto", "--audit-rules", SIGHTLINE_AUDIT_RULES, "--follow",
               "syslog:" + host.login_log().string(), "--from-beginning", "--instance-id", "i-08c9216f243e53fd4"});
  ASSERT_EQ(search_until("type = \"agent_started\"", 1).size(), 1U);

  const Outcome session = host.log_in(
      "sudo sh -c 'cat /root/.aws/credentials; curl -s "
      "http://169.254.169.254/latest/meta-data/iam/security-credentials/'");
  EXPECT_EQ(session.out, host.role()) << session.err;

  // sshd's own line, and the record of the login's session, are about one process.
  const json::value login =
      one(fmt::format("event_type = \"login\" AND type = \"login\" AND user = \"{}\"", host.user()));
  EXPECT_EQ(text_of(login, "service"), "sshd");
  EXPECT_EQ(text_of(login, "src_ip"), "127.0.0.1");
  EXPECT_EQ(text_of(login, "method"), "publickey");
  EXPECT_EQ(text_of(login, "key_type"), "ED25519");
  EXPECT_EQ(text_of(login, "key_fingerprint"), host.key_fingerprint());
  const json::value opened = one(fmt::format("type = \"session_start\" AND auser = \"{}\"", host.user()));
  EXPECT_EQ(text_of(opened, "pid"), text_of(login, "pid"));
  const std::string number = text_of(opened, "session");
  EXPECT_NE(number, "4294967295");
  const std::string in_session = fmt::format("auser = \"{}\" AND session = {} AND ", host.user(), number);
  const json::value became_root = one(in_session + "type = \"start\" AND exe = \"/usr/bin/sudo\"");
  EXPECT_EQ(text_of(became_root, "euid"), "0");
  const json::value looked = one(in_session + "filename = \"/root/.aws/credentials\" AND exe = \"/usr/bin/cat\"");
  EXPECT_EQ(text_of(looked, "success"), "false");
  EXPECT_EQ(text_of(looked, "exit_name"), "ENOENT");
  EXPECT_EQ(text_of(looked, "user"), "root");
  const json::value asked = one(in_session + "type = \"connect\" AND dst_ip = \"169.254.169.254\"");
  EXPECT_EQ(text_of(asked, "exe"), "/usr/bin/curl");
  EXPECT_EQ(text_of(asked, "user"), "root");
  EXPECT_EQ(text_of(asked, "dst_port"), "80");
  EXPECT_EQ(text_of(asked, "instance_id"), "i-08c9216f243e53fd4");
  const json::value started = one(in_session + "type = \"start\" AND exe = \"/usr/bin/curl\"");
  EXPECT_EQ(text_of(started, "pid"), text_of(asked, "pid"));

  std::printf("the session, as recorded:\n");
  for (const json::value& event : {login, opened, became_root, looked, started, asked}) print(event);
  bool alerted = false;
  for (const json::value& alert : alerts()) {
    std::printf("  alert, severity %s: %s\n", text_of(alert, "severity").c_str(), text_of(alert, "title").c_str());
    if (text_of(alert, "rule_id") == "ec2-metadata-service" && text_of(alert, "severity") == "1") alerted = true;
  }
  EXPECT_TRUE(alerted);
  EXPECT_EQ(end_agent(SIGTERM), 0);
  EXPECT_EQ(kernel().rules().value().size(), rules_before());
}

}  // namespace
}  // namespace sightline::testing
