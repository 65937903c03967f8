// What the commands of sightlined share.
#pragma once

#include <string_view>

#include "base/error.h"

namespace CLI {
class App;
}

namespace sightline::commands {

// Exit codes, the same in every program of Sightline.
enum ExitCode : int { kFine = 0, kFindings = 1, kUsage = 2, kCannotReach = 3 };

// Prints "sightlined: …" to standard error and returns the exit code that fits: kUsage for invalid_input, otherwise
// kCannotReach.
int report(const Error& error);

// Each adds its command to `app`; when it was called, `exit_code` is what main returns.
void add_serve_command(CLI::App& app, int& exit_code);
void add_verify_command(CLI::App& app, int& exit_code);
void add_token_command(CLI::App& app, int& exit_code);
void add_backup_command(CLI::App& app, int& exit_code);
void add_restore_command(CLI::App& app, int& exit_code);
void add_doctor_command(CLI::App& app, int& exit_code);

}  // namespace sightline::commands
