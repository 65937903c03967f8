// A checked expression, compiled to be tried on events in memory.
#pragma once

#include <memory>

#include "base/error.h"
#include "event/event.h"
#include "query/ast.h"

namespace sightline::query {

// Movable, cheap to copy (copies share the program). matches() is thread-safe, never throws, and allocates only where a
// regular expression meets a value that is not valid UTF-8.
class Predicate {
 public:
  // `expr` has passed check(); it is not kept. Errors: invalid_input where it has not, for example a field without
  // targets or a pattern that RE2 refuses.
  static Result<Predicate> compile(const Expr& expr);

  bool matches(const Event& event) const;

 private:
  struct Program;
  explicit Predicate(std::shared_ptr<const Program> program) : program_(std::move(program)) {}
  std::shared_ptr<const Program> program_;
};

}  // namespace sightline::query
