#include "detect/matcher/program_run.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <chrono>

#include "detect/matcher/needs.h"

namespace sightline::detect {

ProgramRun::ProgramRun(const Program& program, SharedScratch& shared)
    : program_(program),
      shared_(shared),
      atom_marks_(program.graph.atoms.size(), 0),
      yes_marks_(program.graph.nodes.size(), 0),
      no_marks_(program.graph.nodes.size(), 0),
      column_marks_(program.columns.size(), 0),
      list_marks_(program.lists.size(), 0),
      pending_marks_(program.columns.size(), 0),
      last_pending_(program.columns.size(), 0),
      place_in_answer_(program.needs_at_start.size(), 0),
      one_value_(std::pmr::get_default_resource()) {}

void ProgramRun::begin() {
  needs_ = program_.needs_at_start;
  found_.clear();
  pending_.clear();
  if (++now_ != 0) return;
  for (auto* marks : {&atom_marks_, &yes_marks_, &no_marks_, &column_marks_, &list_marks_, &pending_marks_})
    std::ranges::fill(*marks, 0);
  needed_free_text_mark_ = free_text_mark_ = 0;
  now_ = 1;
}

void ProgramRun::match(const Event& event, std::span<const KnownAttribute> known, std::vector<std::uint32_t>& fired,
                       MatchTrace& trace) {
  event_ = &event;
  begin();
  visit_values(known);
  if (awaits_free_text()) scan_for(program_.needed_free_text, needed_free_text_mark_);
  try_rules(fired, trace);
}

void ProgramRun::try_rules(std::vector<std::uint32_t>& fired, MatchTrace& trace) {
  for (std::size_t word = 0; word < program_.need_words; ++word) {
    std::uint64_t rules = needs_[word];
    for (std::size_t need = 1; need < kMaxNeeds; ++need) rules &= needs_[need * program_.need_words + word];
    rules &= ~needs_[kMaxNeeds * program_.need_words + word];
    for (; rules != 0; rules &= rules - 1) {
      const RuleCondition& rule =
          program_.rules[word * Program::kNeedBits + static_cast<std::size_t>(std::countr_zero(rules))];
      if (!trace.left_out.empty() && trace.left_out[rule.number].load(std::memory_order_relaxed)) continue;
      set_found();
      ++tried_;
      trace.trying = rule.number;
      trace.timed ? try_timed(rule, fired, trace) : try_rule(rule, fired, trace);
    }
  }
  trace.trying.reset();
}

void ProgramRun::try_timed(const RuleCondition& rule, std::vector<std::uint32_t>& fired, MatchTrace& trace) {
  const auto begin = std::chrono::steady_clock::now();
  try_rule(rule, fired, trace);
  const std::chrono::nanoseconds elapsed = std::chrono::steady_clock::now() - begin;
  trace.cost_ns.push_back({rule.number, static_cast<std::uint64_t>(elapsed.count())});
}

void ProgramRun::try_rule(const RuleCondition& rule, std::vector<std::uint32_t>& fired, MatchTrace& trace) {
  if (holds(rule.filter)) (is_suppressed(rule) ? trace.suppressed : fired).push_back(rule.number);
}

void ProgramRun::set_found() {
  for (const AtomId atom : found_) set(atom);
  found_.clear();
}

void ProgramRun::visit_values(std::span<const KnownAttribute> known) {
  for (const FieldValue& value : event_->fields()) {
    const std::int32_t column = program_.column_of(value.field);
    if (column == Program::kNoColumn) continue;
    visit(column, {.integer = value.integer, .text = value.text, .field = value.field, .path = {}});
  }
  for (const auto& [value, path] : known) {
    const std::int32_t column = program_.column_of_path(path);
    if (column == Program::kNoColumn) continue;
    const bool is_number = value->kind == Attribute::Kind::number;
    visit(column, {.is_number = is_number, .text = value->text, .is_attribute = true, .path = value->path});
  }
}

void ProgramRun::visit(std::int32_t column, Pending value) {
  const auto index = static_cast<std::uint32_t>(column);
  const Column& place = program_.columns[index];
  if (place.eager != nullptr) ask_eager(place, value);
  if (!place.asked_again) return;
  const std::uint32_t next = first_pending(index);
  pending_marks_[index] = now_;
  last_pending_[index] = static_cast<std::uint32_t>(pending_.size());
  pending_.push_back(value);
  pending_.back().column = index;
  pending_.back().next = next;
}

// With the atoms of a value is kept which needs they meet.
void ProgramRun::ask_eager(const Column& column, Pending& value) {
  if (!column.is_text) return take_atoms([&](auto& atoms) { column.eager->find_integer(value.integer, atoms); });
  ValueCache::Miss miss;
  const std::uint32_t key = column.eager_number + (value.is_number ? 1 : 0);
  if (column.eager->is_dear()) {
    if (const auto known = shared_.cache.find(key, value.text, value.hash, miss)) return take(*known);
  }
  const std::size_t before = found_.size();
  if (!value.is_number && column.eager->has_outlines() && shared_.outline.draw(value.text)) {
    ask_by_outline(column, value.text);
  } else {
    take_atoms([&](auto& atoms) { column.eager->find_text(value.text, value.is_number, shared_.values, atoms); });
  }
  if (miss.keep) shared_.cache.keep(miss, key, value.text, answer_of(std::span(found_).subspan(before)));
}

void ProgramRun::ask_by_outline(const Column& column, std::string_view value) {
  const Outline& outline = shared_.outline;
  ValueCache::Miss miss;
  std::optional<std::uint64_t> hash;
  const std::uint32_t key = column.eager_number + 2;
  if (const auto known = shared_.cache.find(key, outline.text(), hash, miss)) {
    take(*known);
  } else {
    const std::size_t before = found_.size();
    take_atoms([&](auto& atoms) { column.eager->find_in_outline(outline.text(), shared_.values, atoms); });
    if (miss.keep) shared_.cache.keep(miss, key, outline.text(), answer_of(std::span(found_).subspan(before)));
  }
  take_atoms([&](auto& atoms) { column.eager->find_beside_outline(value, outline.numbers(), shared_.values, atoms); });
}

template <class Find>
void ProgramRun::take_atoms(const Find& find) {
  const std::size_t before = found_.size();
  find(found_);
  for (const AtomId atom : std::span(found_).subspan(before)) meet(atom);
}

// How many words some bits are met of, each word with its bits, and the atoms.
std::span<const std::uint32_t> ProgramRun::answer_of(std::span<const AtomId> atoms) {
  answer_.assign(1, 0);
  for (const AtomId atom : atoms) {
    for (const auto& [word, bits] : program_.needs_set_by(atom)) {
      std::uint32_t& place = place_in_answer_[word];
      if (place == 0) {
        place = static_cast<std::uint32_t>(answer_.size());
        answer_.insert(answer_.end(), {word, 0, 0});
      }
      answer_[place + 1] |= static_cast<std::uint32_t>(bits);
      answer_[place + 2] |= static_cast<std::uint32_t>(bits >> 32U);
    }
  }
  for (std::size_t i = 1; i < answer_.size(); i += kAnswerStep) place_in_answer_[answer_[i]] = 0;
  answer_.front() = static_cast<std::uint32_t>(answer_.size() / kAnswerStep);
  answer_.insert(answer_.end(), atoms.begin(), atoms.end());
  return answer_;
}

void ProgramRun::take(std::span<const std::uint32_t> answer) {
  const std::size_t atoms = 1 + kAnswerStep * answer.front();
  for (std::size_t i = 1; i < atoms; i += kAnswerStep)
    needs_[answer[i]] |= answer[i + 1] | std::uint64_t{answer[i + 2]} << 32U;
  found_.insert(found_.end(), answer.begin() + static_cast<std::ptrdiff_t>(atoms), answer.end());
}

std::uint32_t ProgramRun::first_pending(std::uint32_t column) const {
  return pending_marks_[column] == now_ ? last_pending_[column] : kNone;
}

// What holds of the value, valid until the next look.
std::span<const AtomId> ProgramRun::look_up(const ValueTables& tables, std::uint32_t number, Pending& value,
                                            bool is_text) {
  std::vector<AtomId>& atoms = shared_.atoms;
  atoms.clear();
  if (!is_text) {
    tables.find_integer(value.integer, atoms);
  } else if (!tables.is_dear()) {
    tables.find_text(value.text, value.is_number, shared_.values, atoms);
  } else {
    const std::uint32_t key = number + (value.is_number ? 1 : 0);
    ValueCache::Miss miss;
    if (const auto known = shared_.cache.find(key, value.text, value.hash, miss)) return *known;
    tables.find_text(value.text, value.is_number, shared_.values, atoms);
    shared_.cache.keep(miss, key, value.text, atoms);
  }
  return atoms;
}

void ProgramRun::meet(AtomId atom) {
  for (const auto& [word, bits] : program_.needs_set_by(atom)) needs_[word] |= bits;
}

bool ProgramRun::is_suppressed(const RuleCondition& rule) const {
  return std::ranges::any_of(rule.suppressions,
                             [&](const query::Predicate& suppression) { return suppression.matches(*event_); });
}

bool ProgramRun::holds(NodeRef ref) {
  const Node& node = program_.graph.nodes[ref.node];
  if (node.kind == Node::Kind::atom) return atom_holds(node.index) != ref.negated;
  const bool remembered = node.parents > 1;
  if (remembered) {
    if (yes_marks_[ref.node] == now_) return !ref.negated;
    if (no_marks_[ref.node] == now_) return ref.negated;
  }
  const bool value = compute(node);
  if (remembered) (value ? yes_marks_ : no_marks_)[ref.node] = now_;
  return value != ref.negated;
}

bool ProgramRun::compute(const Node& node) {
  const auto operands = program_.graph.operands_of(node);
  switch (node.kind) {
    case Node::Kind::never:
      return false;
    case Node::Kind::atom:
      return atom_holds(node.index);
    case Node::Kind::residual:
      return residual_holds(node.index);
    case Node::Kind::all_of:
      return std::ranges::all_of(operands, [&](NodeRef each) { return holds(each); });
    case Node::Kind::any_of:
      return std::ranges::any_of(operands, [&](NodeRef each) { return holds(each); });
  }
  return false;
}

bool ProgramRun::atom_holds(AtomId atom) {
  if (atom_marks_[atom] == now_) return true;
  if (program_.is_free_text[atom]) {
    if (program_.is_needed(atom)) {
      scan_for(program_.needed_free_text, needed_free_text_mark_);
    } else {
      scan_for(program_.free_text, free_text_mark_);
    }
    return atom_marks_[atom] == now_;
  }
  const std::uint32_t list = program_.lazy_of_atom[atom];
  if (list == Program::kAnswered || list_marks_[list] == now_) return false;
  list_marks_[list] = now_;
  for (const std::uint32_t column : program_.columns_in(list)) ask_lazy(column);
  return atom_marks_[atom] == now_;
}

void ProgramRun::ask_lazy(std::uint32_t column) {
  if (column_marks_[column] == now_) return;
  column_marks_[column] = now_;
  const Column& place = program_.columns[column];
  for (std::uint32_t i = first_pending(column); i != kNone; i = pending_[i].next) {
    for (const AtomId atom : look_up(*place.lazy, place.lazy_number, pending_[i], place.is_text)) set(atom);
  }
}

// A bit for each size of a value, modulo the number of bits.
std::uint64_t ProgramRun::sizes_of(std::uint32_t list) const {
  std::uint64_t sizes = 0;
  for (const std::uint32_t column : program_.columns_in(list)) {
    for (std::uint32_t i = first_pending(column); i != kNone; i = pending_[i].next)
      sizes |= std::uint64_t{1} << pending_[i].text.size() % 64;
  }
  return sizes;
}

bool ProgramRun::residual_holds(std::uint32_t residual) {
  const auto& [predicate, targets, compared_with] = program_.graph.residuals[residual];
  if (!compared_with.empty()) {
    const bool may_hold =
        (sizes_of(program_.list_of_residual[residual]) & sizes_of(program_.list_compared_with[residual])) != 0;
    return may_hold && predicate.matches(*event_);
  }
  if (targets.empty()) return predicate.matches(*event_);
  for (const std::uint32_t column : program_.columns_in(program_.list_of_residual[residual])) {
    for (std::uint32_t i = first_pending(column); i != kNone; i = pending_[i].next) {
      if (residual_holds(residual, pending_[i])) return true;
    }
  }
  return false;
}

bool ProgramRun::residual_holds(std::uint32_t residual, Pending& value) {
  // The text of a field, of an attribute and of a number are not judged alike.
  const std::uint32_t kind = !value.is_attribute ? 0 : value.is_number ? 1 : 2;
  const std::uint32_t key = program_.first_residual + Program::kKindsOfValue * residual + kind;
  const bool is_text = program_.columns[value.column].is_text;
  ValueCache::Miss miss;
  if (is_text) {
    if (const auto known = shared_.cache.find(key, value.text, value.hash, miss)) return !known->empty();
  }
  one_value_.fields().clear();
  one_value_.attributes().clear();
  if (value.is_attribute) {
    one_value_.add_attribute(value.path, value.is_number ? Attribute::Kind::number : Attribute::Kind::text, value.text);
  } else {
    one_value_.fields().push_back({value.field, value.integer, value.text});
  }
  const bool holds = program_.graph.residuals[residual].predicate.matches(one_value_);
  const AtomId any = 0;
  shared_.cache.keep(miss, key, value.text, std::span(&any, holds ? 1 : 0));
  return holds;
}

template <class Visit>
void ProgramRun::for_each_text(const Visit& visit) const {
  for (const FieldValue& value : event_->fields()) {
    const FieldType type = field_info(value.field).type;
    if (type == FieldType::text) visit(value.text);
    if (type != FieldType::integer) continue;
    std::array<char, 24> digits{};
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value.integer);
    visit(std::string_view(digits.data(), end));
  }
  for (const Attribute& value : event_->attributes()) visit(value.text);
}

// Whether some rule would be tried if all free text were found.
bool ProgramRun::awaits_free_text() const {
  return std::ranges::any_of(program_.words_of_free_text, [&](std::uint32_t word) {
    std::uint64_t rules = UINT64_MAX;
    std::uint64_t awaiting = 0;
    for (std::size_t i = word; i < kMaxNeeds * program_.need_words; i += program_.need_words) {
      rules &= needs_[i] | program_.needs_of_free_text[i];
      awaiting |= program_.needs_of_free_text[i];
    }
    return (rules & awaiting & ~needs_[kMaxNeeds * program_.need_words + word]) != 0;
  });
}

void ProgramRun::scan_for(const Program::FreeText& free_text, std::uint32_t& mark) {
  if (free_text.scanner == nullptr || mark == now_) return;
  mark = now_;
  std::vector<std::uint32_t>& found = shared_.values.found;
  found.clear();
  for_each_text([&](std::string_view text) { free_text.scanner->scan(text, shared_.values.scanner, found); });
  for (const std::uint32_t literal : found) {
    set(free_text.atoms[literal]);
    meet(free_text.atoms[literal]);
  }
}

}  // namespace sightline::detect
