// Fields of the files that a call touched.
#pragma once

#include "sources/audit/state.h"

namespace sightline::audit {

// One PATH record: its item, and its other fields as attributes.
void map_path_record(const Record& record, EventState& state);

// path, filename, old_filename, inode, file_mode. Needs finish_syscall().
void finish_files(EventState& state);

// create, modify or open: what an open of a file came to.
std::string_view open_verb(const EventState& state);

}  // namespace sightline::audit
