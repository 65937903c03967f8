// What a workload did, by strace, beside what was recorded of it.
#include <fmt/format.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <csignal>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <vector>

#include "agent/kernel_audit_fixture.h"

namespace sightline::testing {
namespace {

// By kind: which process did it how often.
using Deeds = std::map<std::string, std::multiset<std::string>>;

// Programs that run and that do not, connections, and a file that the rules watch, in each way they watch it. No login
// is behind it, so what is only recorded within logins is not expected.
constexpr const char* kWorkload = R"(
for i in 1 2 3 4 5 6 7 8 9 10; do /bin/true "$i"; done
/bin/echo 'an argument with
two lines' >/dev/null
/bin/cat /etc/hostname | /usr/bin/head -1 >/dev/null
/nonexistent/program
/etc/hostname
curl -s --max-time 2 http://127.0.0.1:9/ || true
curl -s --max-time 2 'http://[::1]:9/' || true
umask 077
echo '# nothing' >/etc/cron.d/sightline-workload
echo '# more' >>/etc/cron.d/sightline-workload
chmod 600 /etc/cron.d/sightline-workload
mv /etc/cron.d/sightline-workload /etc/cron.d/sightline-workload-2
rm /etc/cron.d/sightline-workload-2
exit 0
)";

// One line of `strace -f`: PID CALL(ARGUMENTS) = RESULT.
void add_traced(const std::string& line, Deeds& deeds) {
  static const std::regex kCall(R"(^(\d+) +(\w+)\((.*)\) += (-?\d+)( E\w+)?.*$)");
  std::smatch part;
  if (!std::regex_match(line, part, kCall)) return;
  const std::string pid = part[1];
  const std::string call = part[2];
  const std::string arguments = part[3];
  const bool failed = part[4] == "-1";
  if (call == "execve") deeds[failed ? "exec, failed" : "exec"].insert(pid);
  if (call == "connect" && arguments.contains("AF_INET")) deeds["connect"].insert(pid);
  if (!arguments.contains("/etc/cron.d/sightline-workload") || failed) return;
  if (call == "openat" && (arguments.contains("O_WRONLY") || arguments.contains("O_RDWR"))) {
    deeds["watched file, write"].insert(pid);
  }
  if (call.contains("chmod")) deeds["watched file, attributes"].insert(pid);
  if (call.contains("rename")) deeds["watched file, rename"].insert(pid);
  if (call.contains("unlink")) deeds["watched file, delete"].insert(pid);
}

void add_recorded(const boost::json::value& event, Deeds& deeds) {
  const std::string pid = text_of(event, "pid");
  const std::string call = text_of(event, "syscall");
  const bool failed = text_of(event, "success") == "false";
  if (call == "execve") deeds[failed ? "exec, failed" : "exec"].insert(pid);
  if (call == "connect" && text_of(event, "address_family").starts_with("inet")) deeds["connect"].insert(pid);
  if (!text_of(event, "key").contains("sightline-cron") || failed) return;
  if (call == "openat") deeds["watched file, write"].insert(pid);
  if (call.contains("chmod")) deeds["watched file, attributes"].insert(pid);
  if (call.contains("rename")) deeds["watched file, rename"].insert(pid);
  if (call.contains("unlink")) deeds["watched file, delete"].insert(pid);
}

class Workload : public KernelAuditTest {};

// Calls of several processes overlap: strace writes the beginning of one and, later, the rest.
std::vector<std::string> traced_calls(const std::filesystem::path& trace) {
  static const std::regex kBegun(R"(^(\d+) +(\w+\(.*) <unfinished \.\.\.>$)");
  static const std::regex kResumed(R"(^(\d+) +<\.\.\. \w+ resumed>(.*)$)");
  std::map<std::string, std::string> begun;
  std::vector<std::string> calls;
  std::ifstream lines(trace);
  for (std::string line; std::getline(lines, line);) {
    std::smatch part;
    if (std::regex_match(line, part, kBegun)) {
      begun[part[1]] = part[2];
    } else if (std::regex_match(line, part, kResumed)) {
      calls.push_back(fmt::format("{} {}{}", part[1].str(), begun[part[1]], part[2].str()));
    } else {
      calls.push_back(line);
    }
  }
  return calls;
}

TEST_F(Workload, IsRecordedAsStraceSawIt) {
  if (::access("/usr/bin/strace", X_OK) != 0) GTEST_SKIP() << "NOT TESTED: there is no strace to compare with";
  if (::access("/etc/cron.d", W_OK) != 0) GTEST_SKIP() << "NOT TESTED: there is no /etc/cron.d to write to";
  start_agent({"--audit", "owner", "--audit-rules", SIGHTLINE_AUDIT_RULES});
  ASSERT_EQ(search_until("type = \"agent_started\"", 1).size(), 1U);
  const std::filesystem::path trace = directory() / "trace";
  const Outcome ran =
      run_program({"/usr/bin/strace", "-f", "-o", trace.string(), "-s", "300", "/bin/sh", "-c", kWorkload});
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  ASSERT_EQ(end_agent(SIGTERM), 0);
  start_agent({"--audit", "off", "--follow", "syslog:/none"});
  ASSERT_EQ(search_until("type = \"agent_stopped\"", 1).size(), 1U);

  Deeds expected;
  for (const std::string& call : traced_calls(trace)) add_traced(call, expected);
  std::set<std::string> pids;
  for (const auto& [kind, by] : expected) pids.insert(by.begin(), by.end());
  Deeds seen;
  for (const boost::json::value& event : search("event_type IN (\"audit\", \"file\", \"network\")")) {
    if (pids.contains(text_of(event, "pid"))) add_recorded(event, seen);
  }
  std::printf("%-26s %8s %8s %8s\n", "kind", "expected", "seen", "missed");
  for (const auto& [kind, by] : expected) {
    const std::size_t count = seen[kind].size();
    std::printf("%-26s %8zu %8zu %8zu\n", kind.c_str(), by.size(), count, by.size() - std::min(count, by.size()));
    EXPECT_EQ(seen[kind], by) << kind;
  }
  for (const char* kind : {"exec", "exec, failed", "connect", "watched file, write", "watched file, attributes",
                           "watched file, rename", "watched file, delete"}) {
    EXPECT_FALSE(expected[kind].empty()) << kind;
  }
}

}  // namespace
}  // namespace sightline::testing
