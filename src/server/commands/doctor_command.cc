// sightlined doctor: what is wrong with a data directory, and what to do.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <system_error>

#include "base/signals.h"
#include "server/api/json_writer.h"
#include "server/commands/command.h"
#include "server/commands/doctor.h"

namespace sightline::commands {

namespace {

namespace fs = std::filesystem;

struct DoctorCommandOptions {
  std::string data;
  std::string tls_certificate;
  std::string tls_key;
  bool json = false;
};

Diagnoses examine(const DoctorOptions& options, const Clock& clock, const std::stop_token& stop) {
  Diagnoses all = examine_files(options.directory);
  std::error_code error;
  if (fs::exists(options.directory / "control.db", error)) {
    std::ranges::move(examine_data(options.directory, clock, stop), std::back_inserter(all));
  } else {
    all.push_back({"databases", Health::problem,
                   "there is no control.db: no data directory of sightlined, or a part of one",
                   "check the path; if it is right, restore a backup"});
  }
  std::ranges::move(examine_tls(options, clock), std::back_inserter(all));
  return all;
}

void print_text(const Diagnoses& all) {
  for (const Diagnosis& diagnosis : all) {
    fmt::print("{:<8} {:<17} {}\n", to_string(diagnosis.health), diagnosis.check, diagnosis.text);
    if (!diagnosis.advice.empty()) fmt::print("{:<26} -> {}\n", "", diagnosis.advice);
  }
}

void print_json(const Diagnoses& all) {
  api::JsonWriter json;
  json.begin_object().key("checks").begin_array();
  for (const Diagnosis& diagnosis : all) {
    json.begin_object().member("check", diagnosis.check).member("health", to_string(diagnosis.health));
    json.member("text", diagnosis.text).member("advice", diagnosis.advice).end_object();
  }
  json.end_array().end_object();
  fmt::print("{}", json.take());
}

int look(const DoctorCommandOptions& given) {
  hold_signals();
  const StopOnSignal signal;
  std::error_code error;
  DoctorOptions options{fs::absolute(given.data, error).lexically_normal(), given.tls_certificate, given.tls_key};
  if (error || !fs::is_directory(options.directory, error)) {
    return report({ErrorCode::not_found, fmt::format("{} is no directory that can be read", given.data)});
  }
  const Diagnoses all = examine(options, SystemClock(), signal.token());
  if (signal.token().stop_requested()) return report({ErrorCode::cancelled, "stopped"});
  given.json ? print_json(all) : print_text(all);
  return std::ranges::any_of(all, [](const Diagnosis& d) { return d.health == Health::problem; }) ? kFindings : kFine;
}

}  // namespace

void add_doctor_command(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<DoctorCommandOptions>();
  CLI::App* command = app.add_subcommand("doctor", "Say what is wrong with a data directory, and what to do");
  command->add_option("--data", options->data, "The data directory; a server may be running on it")->required();
  CLI::Option* certificate = command->add_option("--tls-cert", options->tls_certificate, "The certificate of serve");
  CLI::Option* key = command->add_option("--tls-key", options->tls_key, "Its key");
  certificate->needs(key);
  key->needs(certificate);
  command->add_flag("--json", options->json, "The report as JSON");
  command->footer(
      "It changes nothing that is kept: the databases are looked at through links to their files, which go again.\n"
      "Exit code 0: fine, or warnings only; 1: a problem; 2: wrong usage; 3: there is no such directory.\n\n"
      "Examples:\n"
      "  sightlined doctor --data /var/lib/sightline\n"
      "  sightlined doctor --data ./data --tls-cert tls.pem --tls-key tls.key --json");
  command->callback([options, &exit_code] { exit_code = look(*options); });
}

}  // namespace sightline::commands
