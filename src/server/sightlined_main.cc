// sightlined: the server of Sightline.
#include <sys/stat.h>

#include <CLI/CLI.hpp>

#include "server/commands/command.h"

int main(int argc, char** argv) {
  ::umask(S_IRWXG | S_IRWXO);  // what is written here is for its owner alone
  CLI::App app("The server of Sightline: takes security telemetry in, detects, answers searches.", "sightlined");
  app.set_version_flag("--version", "sightlined " SIGHTLINE_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  sightlined serve --data ./data\n"
      "  sightlined verify --data ./data\n"
      "  sightlined backup --data ./data --to /mnt/backup/sightline\n"
      "  sightlined doctor --data ./data\n"
      "Every command has --help.");
  int exit_code = 0;
  sightline::commands::add_serve_command(app, exit_code);
  sightline::commands::add_verify_command(app, exit_code);
  sightline::commands::add_token_command(app, exit_code);
  sightline::commands::add_backup_command(app, exit_code);
  sightline::commands::add_restore_command(app, exit_code);
  sightline::commands::add_doctor_command(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : sightline::commands::kUsage;
  }
  return exit_code;
}
