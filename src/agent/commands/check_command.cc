// sightline-agent check: what this host can record and what not, and why.
#include <fmt/format.h>
#include <linux/capability.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <memory>
#include <ostream>

#include "agent/audit_rules/netlink_audit_kernel.h"
#include "agent/audit_rules/rule_file.h"
#include "agent/commands/all_commands.h"
#include "agent/commands/options.h"
#include "base/json_text.h"
#include "cli/terminal/terminal_text.h"
#include "http_client/http_client.h"

namespace sightline::agent {
namespace {

struct Finding {
  enum class State : std::uint8_t { fine, limited, missing };
  State state = State::fine;
  std::string subject;
  std::string text;
};

constexpr auto kFine = Finding::State::fine;
constexpr auto kLimited = Finding::State::limited;
constexpr auto kMissing = Finding::State::missing;

std::string_view to_string(Finding::State state) {
  return state == kFine ? "fine" : state == kLimited ? "limited" : "missing";
}

bool has_capability(unsigned number) {
  std::ifstream file("/proc/self/status");
  constexpr std::string_view kKey = "CapEff:\t";
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(kKey)) continue;
    std::uint64_t effective = 0;
    std::from_chars(line.data() + kKey.size(), line.data() + line.size(), effective, 16);
    return (effective >> number & 1U) != 0;
  }
  return false;
}

std::string program_of(std::uint32_t pid) {
  std::ifstream file(fmt::format("/proc/{}/comm", pid));
  std::string name;
  return std::getline(file, name) ? name : std::string("a program of another name space");
}

// As owner or as listener, and what each means here.
Finding check_mode(const AgentOptions& options, const AuditStatus& status) {
  const bool taken = status.pid != 0 && static_cast<pid_t>(status.pid) != getpid();
  const bool own = has_capability(CAP_AUDIT_CONTROL);
  const bool listen = has_capability(CAP_AUDIT_READ);
  const std::string owner = taken ? fmt::format("{} (process {})", program_of(status.pid), status.pid) : "nobody";
  if (options.audit != "listener" && own && !taken) {
    return {kFine, "delivery",
            "the kernel will deliver to the agent alone, and holds back who causes records when it lags"};
  }
  if (options.audit == "owner") {
    return {kMissing, "delivery",
            taken ? "the kernel delivers to " + owner + " already" : std::string("CAP_AUDIT_CONTROL is missing")};
  }
  if (!listen) return {kMissing, "delivery", "CAP_AUDIT_READ is missing"};
  std::string text = fmt::format(
      "the agent will listen; the kernel delivers to {}; what the agent's queue cannot hold is lost, and counted",
      owner);
  if (!taken) text += "; with no owner the kernel prints records to its log too";
  return {kLimited, "delivery", std::move(text)};
}

std::vector<Finding> check_kernel(const AgentOptions& options) {
  if (options.audit == "off")
    return {{kLimited, "kernel audit", "switched off by --audit off: no processes, files, connections"}};
  const auto kernel = NetlinkAuditKernel::open();
  if (!kernel) return {{kMissing, "kernel audit", kernel.error().message}};
  const Result<AuditStatus> status = (*kernel)->status();
  if (!status) return {{kMissing, "kernel audit", status.error().message}};
  std::vector<Finding> findings;
  findings.push_back({kFine, "kernel audit",
                      fmt::format("{}; queue of {} records, {} waiting, {} lost since the kernel started",
                                  status->enabled == 0 ? "off, the agent switches it on" : "on", status->backlog_limit,
                                  status->backlog, status->lost)});
  findings.push_back(check_mode(options, *status));
  if (status->immutable()) {
    findings.push_back({kLimited, "rules", "immutable until the next boot: the kernel takes no rules"});
  } else if (!has_capability(CAP_AUDIT_CONTROL)) {
    findings.push_back({kMissing, "rules", "CAP_AUDIT_CONTROL is missing: the kernel takes no rules from the agent"});
  }
  const auto rules = (*kernel)->rules();
  if (rules)
    findings.push_back(
        {kFine, "rules in force", fmt::format("{}, all of them of others or of a running agent", rules->size())});
  return findings;
}

std::vector<Finding> check_rules(const AgentOptions& options) {
  std::vector<Finding> findings;
  if (options.audit == "off") return findings;
  if (options.audit_rules.empty()) {
    return {{kLimited, "rules",
             "no --audit-rules: only what programs report by themselves (logins, sudo) and rules of others"}};
  }
  RuleFiles files;
  for (const std::string& file : options.audit_rules) {
    if (const Result<void> read = read_rule_file(file, files); !read) {
      findings.push_back({kMissing, "rules", read.error().message});
    }
  }
  for (const RuleProblem& problem : files.problems) {
    findings.push_back({problem.kind == RuleProblem::Kind::error ? kMissing : kFine, "rules", to_string(problem)});
  }
  findings.push_back({kFine, "rules", fmt::format("{} rules can be loaded", files.rules.size())});
  return findings;
}

std::vector<Finding> check_files(const AgentOptions& options) {
  std::vector<Finding> findings;
  for (const std::string& text : options.follow) {
    const Result<FollowedFile> followed = parse_followed(text);
    if (!followed) {
      findings.push_back({kMissing, "file", followed.error().message});
    } else if (access(followed->file.c_str(), R_OK) != 0) {
      findings.push_back({kMissing, "file", system_error("cannot read", followed->file).error().message});
    } else {
      findings.push_back({kFine, "file", fmt::format("{} as {}", followed->file.string(), followed->format)});
    }
  }
  const std::filesystem::path state = std::filesystem::absolute(options.state_directory);
  std::filesystem::path existing = state;
  while (!std::filesystem::exists(existing) && existing.has_relative_path()) existing = existing.parent_path();
  if (access(existing.c_str(), W_OK) != 0) {
    findings.push_back({kMissing, "spool", system_error("cannot write to", existing).error().message});
  } else {
    findings.push_back({kFine, "spool", fmt::format("{}, {} MiB at most", state.string(), options.spool_max_mib)});
  }
  return findings;
}

Finding check_server(const AgentOptions& options, cli::Io& io) {
  if (options.server.empty()) return {kMissing, "server", "--server is missing"};
  if (const Result<void> fits = check_server_address(options.server); !fits) {
    return {kMissing, "server", fits.error().message};
  }
  HttpRequest request;
  request.url = options.server + "/readyz";
  request.ca_file = options.ca_file;
  request.timeout_ms = 10'000;
  const Result<HttpResponse> answer = io.http.send(request);
  if (!answer) return {kMissing, "server", answer.error().message};
  if (answer->status != 200) return {kMissing, "server", fmt::format("{} answers {}", options.server, answer->status)};
  std::ifstream token(options.token_file);
  std::string first;
  if (!std::getline(token, first) || first.empty()) {
    return {kMissing, "server", fmt::format("no token in \"{}\" (--token-file)", options.token_file)};
  }
  return {kFine, "server", fmt::format("{} answers", options.server)};
}

void print(const std::vector<Finding>& findings, const std::string& output, cli::Io& io) {
  for (const Finding& finding : findings) {
    if (output == "json") {
      std::string line =
          fmt::format(R"({{"state":"{}","subject":"{}","text":)", to_string(finding.state), finding.subject);
      append_json_string(line, finding.text);
      cli::print_json_line(io, line + "}");
    } else {
      io.out << fmt::format("{:<8} {:<15} {}\n", to_string(finding.state), finding.subject,
                            cli::printable(finding.text));
    }
  }
}

Result<cli::ExitCode> run_check(const AgentOptions& options, const std::string& output, cli::Io& io) {
  std::vector<Finding> findings = check_kernel(options);
  const auto add = [&](std::vector<Finding> more) { std::ranges::move(more, std::back_inserter(findings)); };
  add(check_rules(options));
  add(check_files(options));
  add({check_server(options, io)});
  print(findings, output, io);
  const bool fine = std::ranges::none_of(findings, [](const Finding& finding) { return finding.state == kMissing; });
  return fine ? cli::ExitCode::fine : cli::ExitCode::findings;
}

}  // namespace

void add_check(cli::Command& program, cli::Io& io) {
  auto options = std::make_shared<AgentOptions>();
  auto output = std::make_shared<std::string>("text");
  cli::Command& command = program.add("check", "What this host can record and what not, and why");
  add_agent_options(command, *options);
  command.choice("--output", *output, {"text", "json"}, "default: text");
  command.examples(R"(Examples:
  sightline-agent check
  sightline-agent check --audit-rules /etc/sightline/audit.rules --follow syslog:/var/log/auth.log

Changes nothing. Exit codes: 0 all that was asked for can be recorded; 1 something cannot.)");
  command.action([options, output, &io] { return run_check(*options, *output, io); });
}

}  // namespace sightline::agent
