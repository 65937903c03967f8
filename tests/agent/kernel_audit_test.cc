// The kernel's own audit records, from what really happens on this host.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <csignal>
#include <fstream>
#include <set>

#include "agent/kernel_audit_fixture.h"

namespace sightline::testing {
namespace {

using KernelAudit = KernelAuditTest;

class KernelAuditMode : public KernelAudit, public ::testing::WithParamInterface<const char*> {};
INSTANTIATE_TEST_SUITE_P(Both, KernelAuditMode, ::testing::Values("owner", "listener"),
                         [](const auto& mode) { return std::string(mode.param); });

TEST_P(KernelAuditMode, AProgramStartIsAnEvent) {
  const std::filesystem::path tool = make_program("sightline-tool");
  start(fmt::format("-a always,exit -F arch=b64 -S execve -F path={} -k sightline-test\n", tool.string()), GetParam());
  const std::string hostile = "two\nlines; type=SYSCALL msg=audit(1.000:1): uid=0 \x1D\"\xff";
  const Outcome ran = run_program({tool, "one", hostile, ""});
  ASSERT_EQ(ran.exit_code, 0);
  const auto events = search_until(fmt::format("exe = \"{}\"", tool.string()), 1);
  ASSERT_EQ(events.size(), 1U);
  const boost::json::value& event = events[0];
  EXPECT_EQ(text_of(event, "event_type"), "audit");
  EXPECT_EQ(text_of(event, "type"), "start");
  EXPECT_EQ(text_of(event, "syscall"), "execve");
  EXPECT_EQ(text_of(event, "command"), "sightline-tool");
  EXPECT_EQ(text_of(event, "user"), "root");
  EXPECT_EQ(text_of(event, "success"), "true");
  EXPECT_EQ(text_of(event, "ppid"), std::to_string(::getpid()));
  EXPECT_EQ(text_of(event, "agent_id"), "agent-under-test");
  EXPECT_EQ(text_of(event, "key"), R"(["sightline-test"])");
  EXPECT_EQ(text_of(event, "partial"), "");
  const auto& args = event.at("args").as_array();
  ASSERT_EQ(args.size(), 4U);
  EXPECT_EQ(args[2].as_string(), "two\nlines; type=SYSCALL msg=audit(1.000:1): uid=0 \x1D\"\xEF\xBF\xBD");
  EXPECT_EQ(args[3].as_string(), "");
  EXPECT_EQ(end_agent(SIGTERM), 0);
  EXPECT_EQ(kernel().rules().value().size(), rules_before());
}

TEST_F(KernelAudit, AnAttemptToOpenWhatIsNotThereIsAnEventIfItMatters) {
  start(fmt::format("-a always,exit -F arch=b64 -S openat -F exit=-ENOENT -F pid={} -k sightline-absent\n", ::getpid()),
        "owner");
  const std::filesystem::path credentials = directory() / ".aws" / "credentials";
  EXPECT_LT(::open((directory() / "anything.so").c_str(), O_RDONLY | O_CLOEXEC), 0);
  EXPECT_LT(::open(credentials.c_str(), O_RDONLY | O_CLOEXEC), 0);
  const auto events = search_until(fmt::format("filename = \"{}\"", credentials.string()), 1);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(text_of(events[0], "success"), "false");
  EXPECT_EQ(text_of(events[0], "exit_name"), "ENOENT");
  EXPECT_EQ(text_of(events[0], "pid"), std::to_string(::getpid()));
  EXPECT_TRUE(search("filename ends_with \"/anything.so\"").empty());
}

TEST_F(KernelAudit, RulesThatSomebodyTakesOutAreALossAndComeBack) {
  const std::filesystem::path tool = make_program("sightline-tool");
  start(fmt::format("-a always,exit -F arch=b64 -S execve -F path={} -k sightline-test\n", tool.string()), "owner");
  const auto rules = kernel().rules();
  ASSERT_TRUE(rules);
  ASSERT_EQ(rules->size(), rules_before() + 1);
  ASSERT_TRUE(kernel().remove(rules->back()));
  const auto losses = search_until("type = \"loss\" AND loss.reason = \"rules_gone\"", 1);
  ASSERT_EQ(losses.size(), 1U);
  ASSERT_EQ(run_program({tool}).exit_code, 0);
  EXPECT_EQ(search_until(fmt::format("exe = \"{}\"", tool.string()), 1).size(), 1U);
}

class Storm : public KernelAuditTest {
 protected:
  std::string rules() const {
    return fmt::format("-b 8192\n-a always,exit -F arch=b64 -S openat -F path={} -k sightline-storm\n",
                       watched_.string());
  }
  void open_and_close(std::size_t times) {
    for (std::size_t i = 0; i < times; ++i) {
      const int file = ::open(watched_.c_str(), O_RDONLY | O_CLOEXEC);
      ASSERT_GE(file, 0);
      ::close(file);
    }
    opens_ += times;
  }
  // Ends the agent, lets another run tell what this one did not get (a record of the kernel's own is what it is told
  // by), and compares.
  void expect_each_or_counted(std::size_t starts_before) {
    EXPECT_EQ(end_agent(SIGTERM), 0);
    start_agent({"--audit", "owner"});
    search_until("type = \"agent_started\"", starts_before + 1);
    EXPECT_EQ(end_agent(SIGTERM), 0);
    start_agent({"--audit", "off", "--follow", "syslog:/none"});
    search_until("type = \"agent_stopped\"", 2);
    const boost::json::array events = search(fmt::format("filename = \"{}\" AND type = \"open\"", watched_.string()));
    const std::size_t seen = events.size();
    std::set<std::string> serials;
    for (const boost::json::value& event : events) serials.insert(text_of(event, "serial"));
    std::uint64_t lost = 0;
    for (const boost::json::value& loss : search("type = \"loss\" AND loss.source = \"audit\"")) {
      if (text_of(loss, "loss.unit") == "events") lost += std::stoull("0" + text_of(loss, "loss.count"));
    }
    std::printf("%zu opens: %zu events, %llu lost by the ledger\n", opens_, seen,
                static_cast<unsigned long long>(lost));
    EXPECT_LE(seen, opens_);
    EXPECT_GE(seen + lost, opens_);
    // Programs and logins of this host have their share of what is lost.
    constexpr std::size_t kOthers = 500;
    EXPECT_LE(seen + lost, opens_ + kOthers);
    EXPECT_EQ(serials.size(), seen);
  }

 private:
  std::filesystem::path watched_ = [this] {
    std::ofstream(directory() / "storm") << "x";
    return directory() / "storm";
  }();
  std::size_t opens_ = 0;
};

TEST_F(Storm, ArrivesOrIsCounted) {
  start(rules(), "owner");
  open_and_close(20'000);
  expect_each_or_counted(1);
}

TEST_F(Storm, ArrivesOrIsCountedThoughTheAgentIsKilled) {
  start(rules(), "owner");
  open_and_close(5'000);
  end_agent(SIGKILL);
  open_and_close(5'000);
  start(rules(), "owner");
  search_until("type = \"agent_started\"", 2);
  open_and_close(5'000);
  expect_each_or_counted(2);
}

}  // namespace
}  // namespace sightline::testing
