#include "cli/app.h"

#include "cli/all_commands.h"
#include "cli/terminal/command.h"

namespace sightline::cli {
namespace {

constexpr std::string_view kExamples = R"(Examples:
  sightline status
  sightline search 'event_type = "login" AND event_time >= now-1h'
  sightline ingest --format auditd --hostname web-1 /var/log/audit/audit.log
  sightline alerts list
  sightline decode --format cloudtrail trail.json.gz

Exit codes: 0 fine; 1 findings (rejected input, failed rule tests, a broken chain); 2 usage, query or rule error;
3 cannot reach the server or read a file.)";

}  // namespace

ExitCode run(const std::vector<std::string>& arguments, Io& io) {
  Command program("sightline", SIGHTLINE_VERSION,
                  "Search, alerts and offline tools of Sightline, self-hosted security telemetry.");
  program.examples(kExamples);
  add_search(program, io);
  add_alerts(program, io);
  add_agents(program, io);
  add_ingest(program, io);
  add_status(program, io);
  add_quarantine(program, io);
  add_verify(program, io);
  add_token(program, io);
  add_decode(program, io);
  add_detect(program, io);
  add_rules(program, io);
  add_query(program, io);
  add_fields(program, io);
  return program.run(arguments, io);
}

}  // namespace sightline::cli
