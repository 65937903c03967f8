// What the doctor sees in the databases. It looks at links to their files, so that a running server goes on undisturbed
// and an engine that repairs what it opens repairs a copy.
#include <fmt/format.h>

#include <chrono>

#include "event/time.h"
#include "server/commands/data_snapshot.h"
#include "server/commands/doctor.h"
#include "server/http/tls.h"
#include "store/clickhouse/embedded/store_check.h"

namespace sightline::commands {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kExpirySoonS = 30 * 86'400;
constexpr std::uint32_t kMaxLines = 5;
constexpr const char* kRestore =
    "restore the newest backup to a new directory (sightlined restore --help), and keep this one";

std::string first_lines(const std::vector<std::string>& lines) {
  std::string text;
  for (std::size_t i = 0; i < lines.size() && i < kMaxLines; ++i) text += (i == 0 ? "" : "; ") + lines[i];
  return lines.size() > kMaxLines ? text + fmt::format("; and {} more", lines.size() - kMaxLines) : text;
}

Diagnosis examine_control(control::ControlCopy& control) {
  const auto damage = control.damage(kMaxLines);
  if (!damage) return {"control database", Health::problem, damage.error().message, kRestore};
  if (!damage->empty()) return {"control database", Health::problem, first_lines(*damage), kRestore};
  return {"control database", Health::fine, "sound, of this program's version", ""};
}

Diagnosis examine_chain(const control::ControlCopy& control) {
  if (!control.ends_fit()) {
    return {"chain", Health::problem, "a chain does not end where it was noted that it ends: its end was cut off",
            "run sightlined verify for what is missing, and compare with the heads noted in backups"};
  }
  return {"chain", Health::fine,
          fmt::format("head {} {}, audit head {} {}", control.head().number, to_hex(control.head().link),
                      control.audit_head().number, to_hex(control.audit_head().link)),
          ""};
}

Diagnosis examine_received(control::ControlCopy& control, std::int64_t now_ms) {
  const auto newest = control.newest_received_ms();
  if (!newest) return {"clock", Health::problem, newest.error().message, kRestore};
  if (*newest > now_ms + kMinuteMs) {
    return {"clock", Health::problem,
            fmt::format("the newest batch was received at {}, and it is {} now", format_iso8601(*newest),
                        format_iso8601(now_ms)),
            "set the clock (NTP): it is behind now, or was ahead then"};
  }
  return {"clock", Health::fine,
          *newest == 0 ? "nothing was received yet" : "newest batch of " + format_iso8601(*newest), ""};
}

Diagnosis examine_versions(const store::StoreCheck& check) {
  const std::string text =
      fmt::format("schema version {}, this program reads {} to {}; engine {}", check.schema_version,
                  store::oldest_schema_version(), store::newest_schema_version(), check.engine_version);
  if (check.schema_version > store::newest_schema_version()) {
    return {"store version", Health::problem, text, "start the newer program that wrote it"};
  }
  if (check.schema_version < store::oldest_schema_version() && !check.tables.empty()) {
    return {"store version", Health::problem, text, "it is of before the first release: start with an empty directory"};
  }
  return {"store version", Health::fine, text, ""};
}

Diagnosis examine_tables(const store::StoreCheck& check) {
  if (check.damage.empty()) {
    return {"event store", Health::fine,
            fmt::format("{} events, every part of {} tables sound", check.events, check.tables.size()), ""};
  }
  return {"event store", Health::problem, first_lines(check.damage),
          fmt::format("run sightlined verify for the batches it takes with it; {}", kRestore)};
}

Diagnosis examine_event_times(const store::StoreCheck& check, std::int64_t now_ms) {
  if (check.newest_event_ms > now_ms + kDayMs) {
    return {"event times", Health::warning,
            fmt::format("the newest event is of {}, in the future", format_iso8601(check.newest_event_ms)),
            fmt::format("a sender's clock is ahead: sightline search 'event_time > {}'", now_ms)};
  }
  return {"event times", Health::fine, "none is far in the future", ""};
}

}  // namespace

Diagnoses examine_data(const fs::path& directory, const Clock& clock, const std::stop_token& stop) {
  const std::int64_t now_ms = clock.now_ms();
  const auto snapshot = DataSnapshot::take(directory, stop);
  if (!snapshot) {
    return {
        {"databases", Health::problem, snapshot.error().message, "see what it says; the databases were not looked at"}};
  }
  control::ControlCopy& control = (*snapshot)->control();
  Diagnoses found = {examine_control(control), examine_chain(control), examine_received(control, now_ms)};
  const auto check = store::check_embedded((*snapshot)->events().string(), stop);
  if (!check) {
    found.push_back({"event store", Health::problem, check.error().message, kRestore});
    return found;
  }
  found.push_back(examine_versions(*check));
  if (found.back().health == Health::problem) return found;  // nothing more was looked at
  found.push_back(examine_tables(*check));
  found.push_back(examine_event_times(*check, now_ms));
  return found;
}

Diagnoses examine_tls(const DoctorOptions& options, const Clock& clock) {
  if (options.tls_certificate.empty()) return {};
  const auto tls = http::Tls::load({options.tls_certificate, options.tls_key});
  if (!tls) return {{"certificate", Health::problem, tls.error().message, "the server does not start with it"}};
  const std::string text = "valid until " + format_iso8601((*tls)->expires_s() * 1'000);
  if ((*tls)->expires_s() * 1'000 < clock.now_ms() + kExpirySoonS * 1'000) {
    return {{"certificate", Health::warning, text, "renew it, then send the server SIGHUP"}};
  }
  return {{"certificate", Health::fine, text, ""}};
}

}  // namespace sightline::commands
