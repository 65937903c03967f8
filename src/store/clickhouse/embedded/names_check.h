// Whether what the store knows about its own content (names.h) covers what is stored.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "store/clickhouse/embedded/connection.h"

namespace sightline::store::clickhouse {

// Works out anew what the table of names must hold, from the columns of all rows, and says, one line each, what it
// lacks or holds in two ways: searches leave out what it does not name. More than it must hold is harmless. May run
// while a writer appends. Errors: as Connection::query.
Result<std::vector<std::string>> find_missing_names(Connection& connection, std::size_t max_keys);

}  // namespace sightline::store::clickhouse
