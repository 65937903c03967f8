// Tells which of many rules fire on an event, at a cost that hardly grows with the number of rules.
//
// Filters are broken into single questions; those that rules share are asked once. Tables answer all questions about a
// value in one go, and what they answered for a value is remembered. A rule's conditions are looked at only where an
// event satisfies one of the questions without which the rule cannot fire. docs/decisions/0072-matcher.md has figures.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/error.h"
#include "detect/matcher/match_trace.h"
#include "event/event.h"
#include "query/ast.h"
#include "query/predicate.h"

namespace sightline::detect {

// Immutable; thread-safe, each thread with a Session of its own.
class Matcher {
 public:
  class Builder;
  class Session;

  Matcher();  // of no rules
  ~Matcher();
  Matcher(Matcher&&) noexcept;
  Matcher& operator=(Matcher&&) noexcept;

  // Appends the numbers of the rules that fire on the event, ascending, each once: exactly those whose filter
  // query::Predicate finds to match, and none of whose suppressions does. `session` was made for this matcher.
  void match(const Event& event, Session& session, std::vector<std::uint32_t>& fired) const;
  // The same, told of in `trace`; rules that it leaves out do not fire. After an exception the session may be used on.
  void match(const Event& event, Session& session, std::vector<std::uint32_t>& fired, MatchTrace& trace) const;

 private:
  struct Compiled;
  std::unique_ptr<const Compiled> compiled_;
};

// Working memory for one matcher, which outlives it, and what it remembers of the values it has seen (some MiB at
// most). Belongs to one thread at a time; worth keeping from batch to batch.
class Matcher::Session {
 public:
  explicit Session(const Matcher& matcher);
  ~Session();
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;

  // Rules whose conditions were looked at so far, summed over all events.
  std::size_t rules_tried() const;

 private:
  friend class Matcher;
  struct State;
  std::unique_ptr<State> state_;
};

class Matcher::Builder {
 public:
  Builder();
  ~Builder();
  Builder(const Builder&) = delete;
  Builder& operator=(const Builder&) = delete;

  // A rule by the caller's number, above those of the rules added before. The filter has passed check(); it is not
  // kept. Errors: those of query::Predicate::compile(); the rule is then left out.
  Result<void> add(std::uint32_t number, const query::Expr& filter, std::vector<query::Predicate> suppressions);

  Matcher build() &&;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sightline::detect
