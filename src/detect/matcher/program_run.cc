#include "detect/matcher/program_run.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace sightline::detect {

ProgramRun::ProgramRun(const Program& program, SharedScratch& shared)
    : program_(program),
      shared_(shared),
      atom_marks_(program.graph.atoms.size(), 0),
      yes_marks_(program.graph.nodes.size(), 0),
      no_marks_(program.graph.nodes.size(), 0),
      rule_marks_(program.rules.size(), 0),
      column_marks_(program.columns.size(), 0),
      residual_event_(std::pmr::get_default_resource()) {
  for (const Column& column : program.columns) {
    if (column.eager != nullptr) column.eager->prepare(shared.values);
    if (column.lazy != nullptr) column.lazy->prepare(shared.values);
  }
  if (program.free_text != nullptr) program.free_text->prepare(shared.values.scanner);
}

void ProgramRun::begin() {
  awake_.clear();
  pending_.clear();
  if (++now_ != 0) return;
  for (auto* marks : {&atom_marks_, &yes_marks_, &no_marks_, &rule_marks_, &column_marks_})
    std::ranges::fill(*marks, 0);
  free_text_mark_ = 0;
  residual_mark_ = 0;
  now_ = 1;
}

void ProgramRun::match(const Event& event, std::vector<std::uint32_t>& fired) {
  event_ = &event;
  begin();
  for (const std::uint32_t rule : program_.always_awake) wake(rule);
  visit_values();
  if (program_.free_text_wakes) scan_free_text();
  tried_ += awake_.size();
#ifdef SL_DEBUG
  for (auto r : awake_) ++tried_by[program_.rules[r].number];
#endif
  for (const std::uint32_t rule : awake_) {
    if (fires(program_.rules[rule])) fired.push_back(program_.rules[rule].number);
  }
}

void ProgramRun::visit_values() {
  for (const FieldValue& value : event_->fields()) {
    const std::int32_t column = program_.column_of(value.field);
    if (column == Program::kNoColumn) continue;
    visit(column, {.integer = value.integer, .text = value.text, .field = value.field, .path = {}});
  }
  if (program_.column_of_path.empty()) return;
  for (const Attribute& value : event_->attributes()) {
    const std::int32_t column = program_.column_of(value.path);
    if (column == Program::kNoColumn) continue;
    const bool is_number = value.kind == Attribute::Kind::number;
    visit(column, {.is_number = is_number, .text = value.text, .is_attribute = true, .path = value.path});
  }
}

void ProgramRun::visit(std::int32_t column, const Pending& value) {
  const auto index = static_cast<std::uint32_t>(column);
  const Column& place = program_.columns[index];
  if (place.eager != nullptr) look_up(*place.eager, place.eager_number, value, place.is_text);
  if (!place.asked_again) return;
  pending_.push_back(value);
  pending_.back().column = index;
}

void ProgramRun::look_up(const ValueTables& tables, std::uint32_t number, const Pending& value, bool is_text) {
  std::vector<AtomId>& atoms = shared_.atoms;
  atoms.clear();
  if (!is_text) {
    tables.find_integer(value.integer, atoms);
  } else if (!tables.is_dear()) {
    tables.find_text(value.text, value.is_number, shared_.values, atoms);
  } else {
    const std::uint32_t key = number + (value.is_number ? 1 : 0);
    ValueCache::Miss miss;
    if (const auto known = shared_.cache.find(key, value.text, miss)) {
      for (const AtomId atom : *known) set(atom);
      return;
    }
    tables.find_text(value.text, value.is_number, shared_.values, atoms);
    shared_.cache.keep(miss, key, value.text, atoms);
  }
  for (const AtomId atom : atoms) set(atom);
}

void ProgramRun::set(AtomId atom) {
  if (atom_marks_[atom] == now_) return;
  atom_marks_[atom] = now_;
  for (const std::uint32_t rule : program_.woken_by[atom]) wake(rule);
}

void ProgramRun::wake(std::uint32_t rule) {
  if (rule_marks_[rule] == now_) return;
  rule_marks_[rule] = now_;
  awake_.push_back(rule);
}

bool ProgramRun::fires(const RuleCondition& rule) {
  return holds(rule.filter) && std::ranges::none_of(rule.suppressions, [&](const query::Predicate& suppression) {
           return suppression.matches(*event_);
         });
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
      return residual_holds(program_.graph.residuals[node.index]);
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
    scan_free_text();
    return atom_marks_[atom] == now_;
  }
  const Program::LazyColumns& lazy = program_.lazy_of_atom[atom];
  for (std::uint32_t i = lazy.first; i < lazy.first + lazy.count; ++i) ask_lazy(program_.lazy_columns[i]);
  return atom_marks_[atom] == now_;
}

void ProgramRun::ask_lazy(std::uint32_t column) {
  if (column_marks_[column] == now_) return;
  column_marks_[column] = now_;
  const Column& place = program_.columns[column];
  for (const Pending& value : pending_) {
    if (value.column == column) look_up(*place.lazy, place.lazy_number, value, place.is_text);
  }
}

bool ProgramRun::residual_holds(const Residual& residual) {
  if (residual.any_value) return residual.predicate.matches(*event_);
  if (residual_mark_ != now_) {
    residual_mark_ = now_;
    residual_event_.id = event_->id;
    residual_event_.event_time_ms = event_->event_time_ms;
    residual_event_.received_time_ms = event_->received_time_ms;
    residual_event_.fields().clear();
    residual_event_.attributes().clear();
    for (const Pending& value : pending_) {
      if (!program_.columns[value.column].residual) continue;
      if (value.is_attribute) {
        const auto kind = value.is_number ? Attribute::Kind::number : Attribute::Kind::text;
        residual_event_.add_attribute(value.path, kind, value.text);
      } else {
        residual_event_.fields().push_back({value.field, value.integer, value.text});
      }
    }
  }
  return residual.predicate.matches(residual_event_);
}

// All values in one text, so that there is one scan; what is found across a border does not count.
void ProgramRun::scan_free_text() {
  if (free_text_mark_ == now_) return;
  free_text_mark_ = now_;
  std::vector<std::uint32_t>& found = shared_.values.found;
  const auto scan = [&](std::string_view text) {
    found.clear();
    program_.free_text->scan(text, shared_.values.scanner, found);
    for (const std::uint32_t literal : found) set(program_.free_text_atoms[literal]);
  };
  for (const FieldValue& value : event_->fields()) {
    const FieldType type = field_info(value.field).type;
    if (type == FieldType::text) scan(value.text);
    if (type != FieldType::integer) continue;
    std::array<char, 24> digits{};
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value.integer);
    scan({digits.data(), end});
  }
  for (const Attribute& value : event_->attributes()) scan(value.text);
}

}  // namespace sightline::detect
