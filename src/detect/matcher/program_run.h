// One event through one program.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "detect/matcher/match_trace.h"
#include "detect/matcher/program.h"
#include "detect/matcher/value_cache.h"
#include "event/event.h"

namespace sightline::detect {

// What runs of all programs of one matcher share. Belongs to one thread.
struct SharedScratch {
  explicit SharedScratch(std::size_t tables) : cache(tables) {}

  ValueCache cache;
  ValueScratch values;
  Outline outline;
  std::vector<AtomId> atoms;
};

// An attribute, and its path's number.
struct KnownAttribute {
  const Attribute* attribute = nullptr;
  std::uint32_t path = 0;
};

// Runs one program on event after event. Belongs to one thread; the program and the shared scratch outlive it.
class ProgramRun {
 public:
  ProgramRun(const Program& program, SharedScratch& shared);

  // Appends the numbers of the rules that fire, in no order, each once. `known`: the event's attributes whose paths
  // some program of the matcher looks at.
  void match(const Event& event, std::span<const KnownAttribute> known, std::vector<std::uint32_t>& fired,
             MatchTrace& trace);

  std::size_t tried() const { return tried_; }  // rules whose conditions were looked at, since the start

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  static constexpr std::size_t kAnswerStep = 3;  // a word's number and its bits

  struct Pending {
    std::uint32_t column = 0;
    std::uint32_t next = kNone;              // in pending_: another value of the column
    std::optional<std::uint64_t> hash = {};  // once it was asked for
    bool is_number = false;
    std::int64_t integer = 0;
    std::string_view text;
    FieldId field{};
    bool is_attribute = false;
    std::string_view path;
  };

  void begin();
  void visit_values(std::span<const KnownAttribute> known);
  void visit(std::int32_t column, Pending value);
  void ask_eager(const Column& column, Pending& value);
  void ask_by_outline(const Column& column, std::string_view value);
  template <class Find>
  void take_atoms(const Find& find);
  std::span<const std::uint32_t> answer_of(std::span<const AtomId> atoms);
  void take(std::span<const std::uint32_t> answer);
  std::span<const AtomId> look_up(const ValueTables& tables, std::uint32_t number, Pending& value, bool is_text);
  std::uint32_t first_pending(std::uint32_t column) const;
  template <class Visit>
  void for_each_text(const Visit& visit) const;
  bool awaits_free_text() const;
  void scan_for(const Program::FreeText& free_text, std::uint32_t& mark);
  void meet(AtomId atom);
  void set(AtomId atom) { atom_marks_[atom] = now_; }
  void try_rules(std::vector<std::uint32_t>& fired, MatchTrace& trace);
  void try_timed(const RuleCondition& rule, std::vector<std::uint32_t>& fired, MatchTrace& trace);
  void try_rule(const RuleCondition& rule, std::vector<std::uint32_t>& fired, MatchTrace& trace);
  void set_found();
  bool is_suppressed(const RuleCondition& rule) const;
  bool holds(NodeRef ref);
  bool compute(const Node& node);
  bool atom_holds(AtomId atom);
  std::uint64_t sizes_of(std::uint32_t list) const;
  bool residual_holds(std::uint32_t residual);
  bool residual_holds(std::uint32_t residual, Pending& value);
  void ask_lazy(std::uint32_t column);

  const Program& program_;
  SharedScratch& shared_;
  const Event* event_ = nullptr;

  // Marks carry the number of the event they are about, so that nothing has to be cleared.
  std::uint32_t now_ = 0;
  std::vector<std::uint32_t> atom_marks_;     // holds
  std::vector<std::uint32_t> yes_marks_;      // by node
  std::vector<std::uint32_t> no_marks_;       // by node
  std::vector<std::uint32_t> column_marks_;   // its lazy tables were asked
  std::vector<std::uint32_t> list_marks_;     // all its columns were
  std::vector<std::uint32_t> pending_marks_;  // by column: it has values
  std::vector<std::uint32_t> last_pending_;   // by column: the first of its values in pending_
  std::uint32_t needed_free_text_mark_ = 0;   // it was looked for
  std::uint32_t free_text_mark_ = 0;

  std::vector<Pending> pending_;                // values that may be asked again
  std::vector<std::uint64_t> needs_;            // bits of Program::needs_at_start, and those met since
  std::vector<AtomId> found_;                   // what the eager pass found
  std::vector<std::uint32_t> answer_;           // of answer_of()
  std::vector<std::uint32_t> place_in_answer_;  // of each word of needs_, while an answer is made; 0: it is not in it
  Event one_value_;                             // what a residual is tried on
  std::size_t tried_ = 0;
};

}  // namespace sightline::detect
