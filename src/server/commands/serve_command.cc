// sightlined serve: the server.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>

#include "base/signals.h"
#include "server/api/routes.h"
#include "server/commands/command.h"
#include "server/commands/data_directory.h"
#include "server/commands/listen_address.h"
#include "server/commands/request_log.h"
#include "server/commands/size_text.h"
#include "server/http/tls.h"
#include "server/retention.h"
#include "sources/masking/secret_masker.h"

namespace sightline::commands {

namespace {

namespace fs = std::filesystem;

struct ServeOptions {
  std::string data;
  std::string listen = "127.0.0.1:8080";
  std::vector<std::string> rules;
  std::vector<std::string> placeholders;
  std::vector<std::string> sigma_mappings;
  bool no_watch_rules = false;
  double rule_budget_percent = 25;
  std::vector<std::string> allow_hosts;
  std::string mask_secrets = "default";
  std::vector<std::string> mask_patterns;
  std::string log_level = "info";
  unsigned grace_s = 30;
  std::uint32_t keep_free_mib = 64;
  std::int64_t retain_days = 0;
  std::string retain_size;
  std::int64_t retain_size_min_days = 7;
  std::string tls_certificate;
  std::string tls_key;
  bool allow_plain_http = false;
  std::size_t max_connections = http::Limits().max_connections;
  std::size_t max_connections_per_address = http::Limits().max_connections_per_address;
};

server::RuleSources rule_sources(const ServeOptions& options, const api::PathCache& known) {
  return {.paths = {options.rules.begin(), options.rules.end()},
          .options = {.catalog = &known,
                      .placeholder_paths = {options.placeholders.begin(), options.placeholders.end()},
                      .mapping_paths = {options.sigma_mappings.begin(), options.sigma_mappings.end()}},
          .watch = !options.no_watch_rules};
}

Result<void> make_first_token(control::ControlStore& control, const fs::path& directory, const Clock& clock) {
  const fs::path file = directory / "admin.token";
  const auto made = control.tokens().create_first_admin(file, clock.now_ms());
  if (!made) return std::unexpected(made.error());
  if (*made) fmt::print("first start: the administrator's token is in {}\n", file.string());
  return {};
}

using MaskerPtr = std::shared_ptr<const sources::SecretMasker>;

// Null: nothing is masked.
Result<MaskerPtr> make_masker(const ServeOptions& options) {
  std::vector<sources::SecretPattern> patterns;
  if (options.mask_secrets == "default") {
    const auto defaults = sources::default_secret_patterns();
    patterns.assign(defaults.begin(), defaults.end());
  } else if (options.mask_secrets != "off") {
    return fail(ErrorCode::invalid_input, "--mask-secrets is default or off");
  }
  for (const std::string& text : options.mask_patterns) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) {
      return fail(ErrorCode::invalid_input, fmt::format("--mask-pattern '{}' is not NAME=EXPRESSION", text));
    }
    patterns.push_back({text.substr(0, equals), text.substr(equals + 1)});
  }
  if (patterns.empty()) return nullptr;
  auto compiled = sources::SecretPatterns::compile(patterns);
  if (!compiled) return std::unexpected(compiled.error());
  return std::make_shared<const sources::SecretMasker>(std::move(*compiled));
}

Result<server::RetentionLimits> retention_limits(const ServeOptions& options) {
  server::RetentionLimits limits{options.retain_days, 0, options.retain_size_min_days};
  if (!options.retain_size.empty()) {
    const auto bytes = parse_size(options.retain_size);
    if (!bytes) {
      return fail(ErrorCode::invalid_input,
                  fmt::format("--retain-size '{}' is not a size such as 500GiB or 2TiB", options.retain_size));
    }
    limits.max_bytes = *bytes;
  }
  return limits;
}

constexpr std::chrono::minutes kRetentionInterval(10);

// Null where nothing is to be removed.
Result<std::unique_ptr<server::RetentionThread>> start_retention(const server::RetentionLimits& limits,
                                                                 const fs::path& directory, OpenData& data,
                                                                 api::Metrics& metrics, const Clock& clock, Log& log) {
  if (!limits.any()) return nullptr;
  auto gate = server::CommitGate::open(directory);
  if (!gate) return std::unexpected(gate.error());
  return std::make_unique<server::RetentionThread>(
      server::Retention({*data.store, *data.control, clock, std::move(*gate), &log}, limits), kRetentionInterval,
      [&metrics, &log](const Error& error) {
        metrics.count_failed_removal();
        log.error("retention did not finish", {{"error", error.message}});
      });
}

using TlsPtr = std::shared_ptr<http::Tls>;

void log_certificate(const http::Tls& tls, Log& log) {
  const std::chrono::sys_seconds end{std::chrono::seconds(tls.expires_s())};
  log.info("certificate loaded", {{"expires", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", end)}});
}

// Null where no certificate is given.
Result<TlsPtr> load_tls(const ServeOptions& options, Log& log) {
  if (options.tls_certificate.empty()) return nullptr;
  auto tls = http::Tls::load({options.tls_certificate, options.tls_key});
  if (tls) log_certificate(**tls, log);
  return tls;
}

// Until SIGTERM or SIGINT. SIGHUP loads the rules, what belongs to them, and the certificate again; what does not load
// stays as it was.
void wait_until_told_to_stop(api::Services& services, http::Tls* tls) {
  while (wait_for_signal() == SIGHUP) {
    if (tls != nullptr) {
      if (auto loaded = tls->reload(); !loaded) {
        services.log.error("certificate not reloaded", {{"reason", loaded.error().message}});
      } else {
        log_certificate(*tls, services.log);
      }
    }
    if (auto loaded = services.rules.reload(); !loaded) {
      services.log.error("rules not reloaded", {{"reason", loaded.error().message}});
    }
  }
}

// While it lives, the pipeline has the rules that are in force.
class RulesReachPipeline {
 public:
  RulesReachPipeline(server::RuleBook& rules, server::Pipeline& pipeline) : rules_(rules) {
    rules_.on_change([&pipeline](auto in_force) { pipeline.replace_rules(std::move(in_force)); });
  }
  ~RulesReachPipeline() { rules_.on_change({}); }
  RulesReachPipeline(const RulesReachPipeline&) = delete;
  RulesReachPipeline& operator=(const RulesReachPipeline&) = delete;

 private:
  server::RuleBook& rules_;
};

// Everything between the open databases and the end of the program.
Result<void> run(const ServeOptions& options, const server::RetentionLimits& limits, const ListenAddress& listen,
                 const fs::path& directory, OpenData& data, const TlsPtr& tls, const MaskerPtr& masker,
                 const Clock& clock, Log& log) {
  api::PathCache paths(*data.store);
  auto rules = server::RuleBook::open(rule_sources(options, paths), data.control->rules(), log);
  if (!rules) return std::unexpected(rules.error());
  detect::Detector detector((*rules)->rules(), {.cores = options.rule_budget_percent / 100.0});
  const auto decoder = server::make_ingest_decoder({}, masker);
  server::PipelineOptions pipeline_options;
  pipeline_options.log = &log;
  // As many as there are threads for them: a principal's share of these leaves threads free for the others.
  pipeline_options.queued_requests = http::Limits().ingest_threads;
  pipeline_options.gate = &data.gate;
  auto pipeline = server::Pipeline::start(*data.store, *data.control, detector, *decoder, clock, pipeline_options);
  if (!pipeline) return std::unexpected(pipeline.error());
  if (auto made = make_first_token(*data.control, directory, clock); !made) return made;

  api::Metrics metrics;
  auto retention = start_retention(limits, directory, data, metrics, clock, log);
  if (!retention) return std::unexpected(retention.error());
  const RulesReachPipeline told(**rules, **pipeline);
  api::Services services{**pipeline, *data.store, *data.control,     clock,  log, metrics,
                         paths,      directory,   SIGHTLINE_VERSION, **rules};
  services.keep_free_bytes = std::uintmax_t{options.keep_free_mib} << 20;
  http::Options http_options;
  http_options.address = listen.address;
  http_options.port = listen.port;
  http_options.hosts = http::HostPolicy(options.allow_hosts);
  http_options.tls = tls;
  http_options.limits.max_connections = options.max_connections;
  http_options.limits.max_connections_per_address = options.max_connections_per_address;
  auto server =
      http::Server::start(std::move(http_options), api::make_router(services), make_request_log(log, metrics));
  if (!server) return std::unexpected(server.error());
  metrics.set_load_source([&server] { return (*server)->load(); });

  fmt::print("sightlined {} listening on {}://{}:{}\n", SIGHTLINE_VERSION, tls ? "https" : "http", listen.url_host,
             (*server)->port());
  std::fflush(stdout);
  log.info("started", {{"data", directory.string()}, {"port", (*server)->port()}});
  wait_until_told_to_stop(services, tls.get());
  const QuickExit quick_exit;
  log.info("stopping");
  retention->reset();
  (*server)->stop(std::chrono::seconds(options.grace_s));
  (*pipeline)->stop();
  return {};
}

int serve(const ServeOptions& options) {
  const auto listen = parse_listen_address(options.listen);
  if (!listen) return report(listen.error());
  const auto level = parse_log_level(options.log_level);
  if (!level) return report({ErrorCode::invalid_input, "--log-level must be debug, info, warning, error or off"});
  const auto masker = make_masker(options);
  if (!masker) return report(masker.error());
  const auto limits = retention_limits(options);
  if (!limits) return report(limits.error());
  hold_signals();
  if (auto fine = check_exposure(*listen, !options.tls_certificate.empty(), options.allow_plain_http); !fine) {
    return report(fine.error());
  }
  const SystemClock clock;
  Log log(clock, *level);
  const auto tls = load_tls(options, log);
  if (!tls) return report(tls.error());
  const auto directory = make_data_directory(options.data);
  if (!directory) return report(directory.error());
  auto data = open_data(*directory, "sightlined serve", log);
  if (!data) return report(data.error());
  const auto ran = run(options, *limits, *listen, *directory, *data, *tls, *masker, clock, log);
  data->store.reset();  // the engine's threads end before main does
  data->control.reset();
  if (!ran) return report(ran.error());
  log.info("stopped");
  return kFine;
}

void add_retention_options(CLI::App& command, ServeOptions& options) {
  command.add_option("--retain-days", options.retain_days, "Remove what was received more whole days ago than this")
      ->check(CLI::Range(1, 36'500));
  command.add_option("--retain-size", options.retain_size,
                     "Remove the oldest days where events take more disk than this: 500GiB");
  command
      .add_option("--retain-size-min-days", options.retain_size_min_days,
                  "--retain-size never removes what was received within as many days")
      ->check(CLI::Range(1, 36'500))
      ->capture_default_str();
}

}  // namespace

void add_serve_command(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<ServeOptions>();
  CLI::App* command = app.add_subcommand("serve", "Take telemetry in, detect, answer searches");
  command->add_option("--data", options->data, "Directory of everything that is kept; made where it is missing")
      ->required();
  command->add_option("--listen", options->listen, "HOST:PORT; port 0 lets the system choose")->capture_default_str();
  CLI::Option* certificate = command->add_option("--tls-cert", options->tls_certificate,
                                                 "PEM file: the server's certificate and those above it");
  CLI::Option* key =
      command->add_option("--tls-key", options->tls_key, "PEM file: its private key, readable by its owner alone");
  certificate->needs(key);
  key->needs(certificate);
  command->add_flag("--allow-plain-http", options->allow_plain_http,
                    "Listen beyond loopback without TLS: tokens and telemetry cross the network in the clear");
  command
      ->add_option("--max-connections", options->max_connections,
                   "Beyond it the connection that has been idle longest makes way")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command
      ->add_option("--max-connections-per-address", options->max_connections_per_address,
                   "Connections from one address (of IPv6: one /64); raise it where a proxy or NAT stands in front")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command->add_option("--rules", options->rules, "A rule file, or a folder of them; may be given several times");
  command->add_option(
      "--placeholders", options->placeholders,
      "What %name% stands for in Sigma rules: NAME.txt, YAML, or a folder of them; may be given several "
      "times");
  command->add_option("--sigma-mapping", options->sigma_mappings,
                      "Further log sources and fields of Sigma: a YAML file, or a folder of them; may be given several "
                      "times");
  command->add_flag("--no-watch-rules", options->no_watch_rules,
                    "Read rule files at the start, on SIGHUP and when told; not when they change");
  command
      ->add_option("--rule-budget-percent", options->rule_budget_percent,
                   "Percent of one core that a rule may take over ten seconds before it is set aside; 0: any")
      ->check(CLI::Range(0.0, 100.0))
      ->capture_default_str();
  command->add_option("--allow-host", options->allow_hosts,
                      "A name, beside those of loopback, that clients may call this server by (Host header)");
  command
      ->add_option("--mask-secrets", options->mask_secrets,
                   "default: what looks like a secret is replaced before anything is stored; off: nothing but what "
                   "--mask-pattern names")
      ->capture_default_str();
  command->add_option("--mask-pattern", options->mask_patterns,
                      "NAME=EXPRESSION: another secret to mask, the first group of a regular expression; may be given "
                      "several times");
  command->add_option("--log-level", options->log_level, "debug, info, warning, error, off")->capture_default_str();
  command->add_option("--grace-s", options->grace_s, "Seconds that requests in flight get when told to stop")
      ->capture_default_str();
  command
      ->add_option("--keep-free-mib", options->keep_free_mib,
                   "MiB of the data directory's disk that stay free: with less left, telemetry is refused with 507")
      ->check(CLI::Range(1U, UINT32_MAX))
      ->capture_default_str();
  add_retention_options(*command, *options);
  command->footer(
      "Stops on SIGTERM and SIGINT; a second one ends it at once. SIGHUP loads the rules and the certificate again.\n\n"
      "Examples:\n"
      "  sightlined serve --data /var/lib/sightline --rules /etc/sightline/rules\n"
      "  sightlined serve --data /var/lib/sightline --listen 0.0.0.0:8443 --tls-cert tls.pem --tls-key tls.key "
      "--allow-host sightline.example.com\n"
      "  sightlined serve --data ./data --listen 127.0.0.1:0 --log-level debug");
  command->callback([options, &exit_code] { exit_code = serve(*options); });
}

}  // namespace sightline::commands
