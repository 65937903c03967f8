// sightline-agent run: records and delivers until it is told to stop.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <thread>

#include "agent/collect/collector.h"
#include "agent/collect/file_source.h"
#include "agent/commands/all_commands.h"
#include "agent/commands/kernel_recording.h"
#include "agent/commands/options.h"
#include "agent/deliver/uplink.h"
#include "agent/host/host_facts.h"
#include "agent/status/status_file.h"
#include "base/hash.h"
#include "base/json_text.h"
#include "base/signals.h"

namespace sightline::agent {
namespace {

constexpr std::int64_t kTickMs = 2000;                              // how often the status is written
constexpr int kTicksBetweenLooks = 5;                               // at the kernel's rules
constexpr std::uint64_t kMinFreeBytes = std::uint64_t{256} << 20U;  // that the spool leaves to others on its disk

std::string about_host(const AgentOptions& options, const HostFacts& facts) {
  std::string query = "hostname=" + percent_encode(options.hostname.empty() ? facts.hostname : options.hostname);
  const std::pair<const char*, const std::string*> others[] = {
      {"agent_id", &options.agent_id}, {"instance_id", &options.instance_id}, {"account_id", &options.account_id}};
  for (const auto& [name, value] : others) {
    if (!value->empty()) query += fmt::format("&{}={}", name, percent_encode(*value));
  }
  return query;
}

// One of each file: by its whole path, or by the hash of one that is too long.
std::string source_name(const std::filesystem::path& file) {
  const std::string name = "file:" + std::filesystem::absolute(file).lexically_normal().string();
  constexpr std::size_t kHashDigits = 32;
  return name.size() <= kMaxSourceBytes ? name : "file:" + to_hex(sha256(name)).substr(0, kHashDigits);
}

// The event that the agent's recording begins or ends.
std::string own_event(std::string_view type, std::string_view sentence, const HostFacts& facts, std::int64_t now_ms) {
  std::string line = fmt::format(R"({{"event_time":{},"event_type":"host","type":"{}","log":)", now_ms, type);
  append_json_string(line, sentence);
  line += R"(,"kernel":)";
  append_json_string(line, facts.kernel);
  line += R"(,"os_version":)";
  append_json_string(line, facts.os_version);
  line += R"(,"agent":{"version":")" SIGHTLINE_VERSION R"(","boot_id":)";
  append_json_string(line, facts.boot_id);
  line += fmt::format(R"(,"pid":{}}}}})", getpid());
  return line + "\n";
}

// One run of the agent. Members are destroyed in the opposite order, so threads end before what they use.
class Run {
 public:
  Run(const AgentOptions& options, cli::Io& io, Log& log) : options_(options), io_(io), log_(log) {}

  Result<cli::ExitCode> run();

 private:
  Result<void> open_spool();
  Result<void> open_sources();
  void tell_of_damage();
  void tell_of_the_time_between();
  void write_status(bool stopped);
  void start();
  void stop();

  const AgentOptions& options_;
  cli::Io& io_;
  Log& log_;
  const Clock& clock_ = io_.clock;
  HostFacts facts_ = read_host_facts();
  LossLedger ledger_;
  std::unique_ptr<Spool> spool_;
  KernelRecording kernel_{options_, facts_.boot_id, ledger_, clock_, log_};
  std::vector<std::unique_ptr<Source>> sources_;
  std::unique_ptr<Uplink> uplink_;
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<Collector> collector_;
  AgentStatus status_;
  std::jthread delivering_;
  std::jthread collecting_;
};

Result<void> Run::open_spool() {
  std::error_code error;
  std::filesystem::create_directories(options_.state_directory, error);
  if (error) {
    return fail(ErrorCode::unavailable, fmt::format("cannot make {}: {}", options_.state_directory, error.message()));
  }
  Spool::Options spool_options;
  spool_options.directory = options_.spool_directory();
  spool_options.max_bytes = options_.spool_max_mib << 20U;
  spool_options.min_free_bytes = kMinFreeBytes;
  Result<std::unique_ptr<Spool>> opened = Spool::open(spool_options);
  if (!opened) return std::unexpected(opened.error());
  spool_ = std::move(*opened);
  return {};
}

void Run::tell_of_damage() {
  for (const Damage& damage : spool_->take_damage()) {
    log_.error("the spool is damaged",
               {{"file", damage.file.string()}, {"offset", damage.offset}, {"what", damage.what}});
    if (damage.first_sequence == 0 && damage.last_sequence == 0) continue;  // no batch is missing
    ledger_.add({.source = damage.source.empty() ? "spool" : damage.source,
                 .reason = LossReason::spool_damaged,
                 .count = damage.last_sequence - damage.first_sequence + 1,
                 .from_ms = clock_.now_ms(),
                 .to_ms = clock_.now_ms(),
                 .detail = fmt::format("{} at byte {}: {}", damage.file.string(), damage.offset, damage.what)});
  }
}

Result<void> Run::open_sources() {
  for (const std::string& text : options_.follow) {
    const Result<FollowedFile> followed = parse_followed(text);
    if (!followed) return std::unexpected(followed.error());
    const std::string name = source_name(followed->file);
    if (std::ranges::any_of(sources_, [&](const auto& source) { return source->name() == name; })) {
      return fail(ErrorCode::invalid_input, fmt::format("--follow names {} twice", followed->file.string()));
    }
    sources_.push_back(std::make_unique<FileSource>(FileSource::Options{.name = name,
                                                                        .format = followed->format,
                                                                        .file = followed->file,
                                                                        .cursor = spool_->cursor(name),
                                                                        .from_beginning = options_.from_beginning},
                                                    clock_));
  }
  status_.audit = "off";
  if (options_.audit != "off") {
    Result<std::unique_ptr<Source>> audit = kernel_.start(spool_->cursor("audit"));
    if (!audit) return std::unexpected(audit.error());
    sources_.push_back(std::move(*audit));
    status_.audit = kernel_.mode();
  }
  if (sources_.empty()) return fail(ErrorCode::invalid_input, "nothing to record: --audit is off, and no --follow");
  return {};
}

void Run::tell_of_the_time_between() {
  const auto before = read_status(options_.status_file());
  if (before && !*before) return;
  const std::int64_t now_ms = clock_.now_ms();
  Loss loss{.source = "agent",
            .reason = LossReason::not_running,
            .count = std::nullopt,
            .from_ms = now_ms,
            .to_ms = now_ms,
            .detail = "its last status cannot be read"};
  if (before) {
    const bool stopped = (*before)->stopped_ms != 0;
    loss.from_ms = stopped ? (*before)->stopped_ms : (*before)->updated_ms;
    loss.detail = stopped ? "it was stopped" : "it ended without saying so";
  }
  ledger_.add(std::move(loss));
}

void Run::start() {
  recorder_ = std::make_unique<Recorder>(*spool_, ledger_, clock_, log_, [this] { uplink_->notify(); });
  uplink_ = std::make_unique<Uplink>(Uplink::Options{.server = options_.server,
                                                     .token_file = options_.token_file,
                                                     .ca_file = options_.ca_file,
                                                     .about_host = about_host(options_, facts_)},
                                     *spool_, ledger_, io_.http, clock_, log_);
  collector_ = std::make_unique<Collector>(sources_, *recorder_, log_);
  status_.version = SIGHTLINE_VERSION;
  status_.pid = getpid();
  status_.started_ms = clock_.now_ms();
  status_.server = options_.server;
  status_.spool_max_bytes = options_.spool_max_mib << 20U;
  recorder_->tell(
      own_event("agent_started", fmt::format("the agent records; audit: {}", status_.audit), facts_, clock_.now_ms()));
  // In the spool before the status of the last run is replaced.
  recorder_->write_due(true);
  delivering_ = std::jthread([this](const std::stop_token& stop) { uplink_->run(stop); });
  collecting_ = std::jthread([this](const std::stop_token& stop) { collector_->run(stop); });
  log_.info("recording", {{"sources", sources_.size()}, {"audit", status_.audit}, {"server", options_.server}});
}

void Run::write_status(bool stopped) {
  const Spool::Stats waiting = spool_->stats();
  const Uplink::State uplink = uplink_->state();
  status_.updated_ms = clock_.now_ms();
  status_.stopped_ms = stopped ? status_.updated_ms : 0;
  status_.waiting_batches = waiting.batches;
  status_.waiting_events = waiting.events;
  status_.spool_bytes = waiting.bytes;
  status_.delivered_batches = uplink.delivered_batches;
  status_.delivered_events = uplink.delivered_events;
  status_.quarantined_lines = uplink.quarantined_lines;
  status_.last_delivered_ms = uplink.last_delivered_ms;
  status_.trouble = uplink.trouble;
  const LossLedger::Total losses = ledger_.total();
  status_.losses = losses.count;
  status_.last_loss = losses.last;
  status_.last_loss_ms = losses.last_ms;
  if (const Result<void> written = agent::write_status(options_.status_file(), status_); !written) {
    log_.warning("the status cannot be written", {{"reason", written.error().message}});
  }
}

void Run::stop() {
  log_.info("stopping");
  kernel_.stop();
  collecting_.request_stop();
  collecting_.join();
  recorder_->tell(own_event("agent_stopped", "the agent stops recording", facts_, clock_.now_ms()));
  recorder_->write_due(true);
  delivering_.request_stop();
  delivering_.join();
  tell_of_damage();
  recorder_->write_due(true);
  write_status(true);
  log_.info("stopped", {{"waiting_events", status_.waiting_events}});
}

Result<cli::ExitCode> Run::run() {
  if (const Result<void> opened = open_spool(); !opened) return std::unexpected(opened.error());
  if (const Result<void> opened = open_sources(); !opened) {
    kernel_.stop();
    return std::unexpected(opened.error());
  }
  tell_of_the_time_between();
  start();
  for (int ticks = 1;; ++ticks) {
    tell_of_damage();
    write_status(false);
    const std::optional<int> number = wait_for_signal(kTickMs);
    if (number == SIGTERM || number == SIGINT) break;
    if (number == SIGHUP) {
      if (const Result<void> reloaded = kernel_.reload(); !reloaded) {
        log_.error("the rules were not read again", {{"reason", reloaded.error().message}});
      }
    }
    if (ticks % kTicksBetweenLooks != 0) continue;
    if (const Result<void> looked = kernel_.look_after(); !looked) {
      stop();
      return std::unexpected(looked.error());
    }
  }
  stop();
  return cli::ExitCode::fine;
}

Result<cli::ExitCode> run_agent(const AgentOptions& options, cli::Io& io) {
  if (options.server.empty()) return fail(ErrorCode::invalid_input, "--server is missing: where to deliver to");
  if (options.token_file.empty()) return fail(ErrorCode::invalid_input, "--token-file is missing");
  if (const Result<void> fits = check_server_address(options.server); !fits) return std::unexpected(fits.error());
  hold_signals();
  Log log(io.clock, parse_log_level(options.log_level).value_or(LogLevel::info));
  return Run(options, io, log).run();
}

constexpr std::string_view kExamples = R"(Examples:
  sightline-agent run --server https://sightline.example:8443 --token-file /etc/sightline/agent.token \
    --audit-rules /etc/sightline/audit.rules --follow syslog:/var/log/auth.log

SIGHUP reads the audit rules again; SIGTERM takes them out, writes what was recorded to the spool and ends. What is in
the spool is delivered when the agent runs again.)";

}  // namespace

void add_run(cli::Command& program, cli::Io& io) {
  auto options = std::make_shared<AgentOptions>();
  cli::Command& command = program.add("run", "Record and deliver until told to stop");
  add_agent_options(command, *options);
  command.examples(kExamples);
  command.action([options, &io] { return run_agent(*options, io); });
}

}  // namespace sightline::agent
