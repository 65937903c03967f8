// Query case files: small events and the ones each query finds, as text. Every evaluator is tested against them.
//
//   # a comment
//   now 1700000000000            what `now` means; this is the default
//
//   event root-on-a              a label, then one value a line; a name that comes again is a list
//     user "root"                a field of the schema: by its type, quoted text or a bare number, true, false
//     custom.value "x"           any other name: an attribute, a text in quotes or a bare number
//
//   query user = "root"          a query, to the end of the line
//   matches root-on-a            labels of the events above it in the file, or: none
//
// Quoted texts have the escapes of the language. event_time is `now` where it is not given.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "event/event.h"
#include "query/path_catalog.h"

namespace sightline::query::testing {

struct QueryCase {
  std::size_t line = 0;
  std::string query;
  std::vector<std::string> expected;  // labels, in the order of the events
};

struct QueryCases {
  std::filesystem::path file;
  std::int64_t now_ms = 0;
  EventBatch events;                // ids and times set
  std::vector<std::string> labels;  // of the events, by index
  SetPathCatalog catalog;           // their paths
  std::vector<QueryCase> cases;
};

// Throws std::runtime_error with the line where the file is not as described.
QueryCases load_query_cases(const std::filesystem::path& file);

// tests/queries/*.txt, sorted.
std::vector<std::filesystem::path> query_case_files();

}  // namespace sightline::query::testing
