#include "cli/app.h"
#include "cli/terminal/program.h"

int main(int argc, char** argv) { return sightline::cli::run_program(argc, argv, "sightline", sightline::cli::run); }
