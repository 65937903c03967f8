// A comparison of two fields, compiled to be tried on events in memory.
#pragma once

#include "base/error.h"
#include "event/event.h"
#include "query/ast.h"
#include "query/targets.h"

namespace sightline::query {

// Immutable after construction. matches() allocates only where a field has many values or case is ignored.
class FieldComparisonMatcher {
 public:
  static Result<FieldComparisonMatcher> compile(const FieldComparison& comparison);

  bool matches(const Event& event) const;

 private:
  FieldComparisonMatcher(Comparator comparator, bool ignore_case)
      : comparator_(comparator), ignore_case_(ignore_case) {}

  Comparator comparator_;
  bool ignore_case_;
  Targets left_;
  Targets right_;
};

}  // namespace sightline::query
