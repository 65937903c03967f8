#include "agent/commands/all_commands.h"
#include "cli/terminal/program.h"

int main(int argc, char** argv) {
  return sightline::cli::run_program(argc, argv, "sightline-agent", sightline::agent::run);
}
