// Hostile queries: what they are and what must come of them.
#pragma once

#include <string>
#include <vector>

#include "hostile/case.h"

namespace sightline::hostile {

// Outcomes: "200 found" and "200 nothing" (events or rows), "400" (a mistake, explained), "422" (over a limit, with
// advice). Where several may come, depending on the machine, they stand with a bar between: "200 found|422".
struct HostileQuery {
  const char* kind;
  const char* name;
  const char* expected;
  Bytes text;
  bool large = false;  // only in the long run
};

std::vector<HostileQuery> all_queries();

}  // namespace sightline::hostile
