// Makes failed writes of the engine count. libchdb takes a write(2) that failed (disk full, I/O error) for one that
// succeeded: it goes on, and puts files in place that lack bytes. It does look at the answer of fsync, and of a part it
// syncs every file before the part is put in place. So the whole program's write, fsync, fdatasync and close go through
// the functions of failed_writes.cc: a descriptor on which a write failed is refused by fsync with the same error until
// it is closed, and the insert or the merge fails as it should, with nothing put in place.
//
// Of directories the engine does not look at the answer of fsync either: those failures are counted.
#pragma once

#include <cstdint>

namespace sightline::store::clickhouse {

// True where libraries in this process call those functions. Linking failed_writes.cc into a program sees to that.
bool writes_are_watched();

// How often fsync or fdatasync of a directory has failed in this process.
std::uint64_t failed_directory_syncs();

}  // namespace sightline::store::clickhouse
