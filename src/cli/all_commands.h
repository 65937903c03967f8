// The commands of the program, one a file: NAME_command.cc declares the options of `sightline NAME` and what it does.
#pragma once

#include "cli/terminal/command.h"

namespace sightline::cli {

// `io` must outlive the program.
void add_search(Command& program, Io& io);
void add_alerts(Command& program, Io& io);
void add_agents(Command& program, Io& io);
void add_ingest(Command& program, Io& io);
void add_status(Command& program, Io& io);
void add_quarantine(Command& program, Io& io);
void add_verify(Command& program, Io& io);
void add_token(Command& program, Io& io);
void add_decode(Command& program, Io& io);
void add_detect(Command& program, Io& io);
void add_rules(Command& program, Io& io);
void add_rules_explain(Command& rules, Io& io);  // a command of `rules`
void add_rules_push(Command& rules, Io& io);     // likewise
void add_rules_server(Command& rules, Io& io);   // commands of `rules`
void add_query(Command& program, Io& io);
void add_fields(Command& program, Io& io);

}  // namespace sightline::cli
