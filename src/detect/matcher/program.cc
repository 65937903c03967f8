#include "detect/matcher/program.h"

#include <algorithm>
#include <map>
#include <set>

#include "detect/matcher/needs.h"

namespace sightline::detect {
namespace {

TextTest test_of(Atom::Kind kind) {
  switch (kind) {
    case Atom::Kind::contains:
      return TextTest::contains;
    case Atom::Kind::starts_with:
      return TextTest::starts_with;
    case Atom::Kind::ends_with:
      return TextTest::ends_with;
    default:
      return TextTest::equals;
  }
}

void add_equality(ValueTables& tables, const query::Target& target, bool is_text, const Atom& atom, AtomId id) {
  for (const Atom::Operand& operand : atom.operands) {
    if (!is_text) {
      if (operand.integer) tables.add_integer(*operand.integer, id);
      continue;
    }
    tables.add_text(TextTest::equals, operand.text, atom.ignore_case, id);
    if (!std::holds_alternative<FieldId>(target) && operand.decimal) tables.add_decimal(*operand.decimal, id);
  }
}

void add_to(ValueTables& tables, const query::Target& target, bool is_text, const Atom& atom, AtomId id) {
  switch (atom.kind) {
    case Atom::Kind::present:
      return tables.add_any_value(id);
    case Atom::Kind::not_ascii:
      return tables.add_not_ascii(id);
    case Atom::Kind::run:
      for (const Atom::Operand& operand : atom.operands) tables.add_run(operand.text, *operand.integer, id);
      return;
    case Atom::Kind::equals:
      return add_equality(tables, target, is_text, atom, id);
    default:
      for (const Atom::Operand& operand : atom.operands) {
        tables.add_text(test_of(atom.kind), operand.text, atom.ignore_case, id);
      }
  }
}

class Compiler {
 public:
  Compiler(Program& program, PathTable& paths, std::uint32_t& next_number)
      : program_(program), paths_(paths), next_number_(next_number) {
    program_.column_of_field.fill(Program::kNoColumn);
  }

  void compile() {
    choose_needs();
    program_.lazy_of_atom.resize(program_.graph.atoms.size(), Program::kAnswered);
    program_.is_free_text.resize(program_.graph.atoms.size(), false);
    program_.list_of_residual.resize(program_.graph.residuals.size());
    program_.list_compared_with.resize(program_.graph.residuals.size());
    program_.first_residual = next_number_;
    next_number_ += Program::kKindsOfValue * static_cast<std::uint32_t>(program_.graph.residuals.size());
    for (const Node& node : program_.graph.nodes) {
      if (node.parents == 0) continue;
      if (node.kind == Node::Kind::atom) place(node.index);
      if (node.kind == Node::Kind::residual) place_residual(node.index);
    }
    finish_columns();
    finish_free_text(program_.needed_free_text, true);
    finish_free_text(program_.free_text, false);
    mark_needs_of_free_text();
    for (Atom& atom : program_.graph.atoms) atom = {.kind = atom.kind, .targets = {}, .operands = {}};
  }

 private:
  struct Tables {
    std::unique_ptr<ValueTables> eager;
    std::unique_ptr<ValueTables> lazy;
  };

  void choose_needs() {
    std::vector<NodeRef> roots;
    for (const RuleCondition& rule : program_.rules) roots.push_back(rule.filter);
    const Likelihoods likelihoods(program_.graph, roots);
    program_.need_words = (roots.size() + Program::kNeedBits - 1) / Program::kNeedBits;
    program_.needs_at_start.assign(kMaxNeeds * program_.need_words, UINT64_MAX);
    program_.needs_at_start.resize((kMaxNeeds + 1) * program_.need_words, 0);
    std::vector<std::vector<Program::Need>> set_by(program_.graph.atoms.size());
    for (std::uint32_t rule = 0; rule < roots.size(); ++rule) {
      const std::uint64_t bit = std::uint64_t{1} << rule % Program::kNeedBits;
      const auto set = [&](const std::vector<AtomId>& atoms, std::size_t word) {
        for (const AtomId atom : atoms) {
          std::vector<Program::Need>& needs = set_by[atom];
          const auto known = std::ranges::find(needs, word, &Program::Need::word);
          if (known == needs.end()) {
            needs.push_back({static_cast<std::uint32_t>(word), bit});
          } else {
            known->bits |= bit;
          }
        }
      };
      const Needs needs = find_needs(program_.graph, likelihoods, roots[rule]);
      const std::size_t word = rule / Program::kNeedBits;
      for (std::size_t i = 0; i < needs.any_of.size(); ++i) {
        program_.needs_at_start[i * program_.need_words + word] &= ~bit;
        set(needs.any_of[i], i * program_.need_words + word);
      }
      set(needs.none_of, kMaxNeeds * program_.need_words + word);
    }
    clear_beyond(roots.size());
    for (const auto& needs : set_by) {
      program_.first_need.push_back(static_cast<std::uint32_t>(program_.needs.size()));
      program_.needs.insert(program_.needs.end(), needs.begin(), needs.end());
    }
    program_.first_need.push_back(static_cast<std::uint32_t>(program_.needs.size()));
    order_operands(program_.graph, likelihoods);
  }

  // Bits of the last words that are no rule's.
  void clear_beyond(std::size_t rules) {
    if (rules % Program::kNeedBits == 0) return;
    for (std::size_t i = 1; i <= kMaxNeeds; ++i) {
      program_.needs_at_start[i * program_.need_words - 1] &= (std::uint64_t{1} << rules % Program::kNeedBits) - 1;
    }
  }

  std::uint32_t column_of(const query::Target& target) {
    const auto next = static_cast<std::uint32_t>(program_.columns.size());
    const auto [known, added] = columns_.emplace(target, next);
    if (!added) return known->second;
    Column& column = program_.columns.emplace_back();
    tables_.emplace_back();
    if (const FieldId* field = std::get_if<FieldId>(&target)) {
      column.is_text = field_info(*field).type == FieldType::text;
      program_.column_of_field.at(static_cast<std::size_t>(*field)) = static_cast<std::int32_t>(next);
    } else {
      program_.columns_of_paths.emplace(paths_.add(std::get<std::string>(target)), next);
    }
    return next;
  }

  // An atom goes where its answer is looked for: in the eager pass if a rule needs it.
  void place(AtomId id) {
    const Atom& atom = program_.graph.atoms[id];
    program_.is_free_text[id] = atom.kind == Atom::Kind::free_text;
    if (atom.kind == Atom::Kind::free_text) return;
    const bool needed = program_.is_needed(id);
    std::vector<std::uint32_t> columns;
    for (const query::Target& target : atom.targets) {
      const std::uint32_t column = column_of(target);
      columns.push_back(column);
      std::unique_ptr<ValueTables>& tables = needed ? tables_[column].eager : tables_[column].lazy;
      if (tables == nullptr) tables = std::make_unique<ValueTables>();
      add_to(*tables, target, program_.columns[column].is_text, atom, id);
    }
    if (!needed) program_.lazy_of_atom[id] = list_of(columns);
  }

  void place_residual(std::uint32_t index) {
    const Residual& residual = program_.graph.residuals[index];
    program_.list_of_residual[index] = list_of_asked_again(residual.targets);
    program_.list_compared_with[index] = list_of_asked_again(residual.compared_with);
  }

  std::uint32_t list_of_asked_again(const std::vector<query::Target>& targets) {
    std::vector<std::uint32_t> columns;
    for (const query::Target& target : targets) {
      columns.push_back(column_of(target));
      program_.columns[columns.back()].asked_again = true;
    }
    return list_of(columns);
  }

  std::uint32_t list_of(const std::vector<std::uint32_t>& columns) {
    const auto [known, added] = lists_.emplace(columns, static_cast<std::uint32_t>(program_.lists.size()));
    if (added) {
      program_.lists.push_back(
          {static_cast<std::uint32_t>(program_.column_lists.size()), static_cast<std::uint32_t>(columns.size())});
      program_.column_lists.insert(program_.column_lists.end(), columns.begin(), columns.end());
    }
    return known->second;
  }

  std::unique_ptr<const ValueTables> built(std::unique_ptr<ValueTables> tables, std::uint32_t& number) {
    if (tables == nullptr) return nullptr;
    tables->build();
    number = next_number_;
    next_number_ += Column::kNumbers;
    return tables;
  }

  void finish_columns() {
    for (std::size_t i = 0; i < program_.columns.size(); ++i) {
      Column& column = program_.columns[i];
      column.eager = built(std::move(tables_[i].eager), column.eager_number);
      column.lazy = built(std::move(tables_[i].lazy), column.lazy_number);
      column.asked_again = column.asked_again || column.lazy != nullptr;
    }
  }

  void finish_free_text(Program::FreeText& free_text, bool needed) {
    std::vector<LiteralScanner::Literal> literals;
    for (AtomId id = 0; id < program_.graph.atoms.size(); ++id) {
      if (!program_.is_free_text[id] || program_.is_needed(id) != needed) continue;
      literals.push_back({program_.graph.atoms[id].operands.front().text, true});
      free_text.atoms.push_back(id);
    }
    if (!literals.empty()) free_text.scanner = std::make_unique<const LiteralScanner>(std::move(literals));
  }

  void mark_needs_of_free_text() {
    program_.needs_of_free_text.resize(program_.needs_at_start.size(), 0);
    std::set<std::uint32_t> words;
    for (const AtomId atom : program_.needed_free_text.atoms) {
      for (const auto& [word, bits] : program_.needs_set_by(atom)) {
        program_.needs_of_free_text[word] |= bits;
        words.insert(word % static_cast<std::uint32_t>(program_.need_words));
      }
    }
    program_.words_of_free_text.assign(words.begin(), words.end());
  }

  Program& program_;
  PathTable& paths_;
  std::uint32_t& next_number_;
  std::map<query::Target, std::uint32_t> columns_;
  std::map<std::vector<std::uint32_t>, std::uint32_t> lists_;
  std::vector<Tables> tables_;  // by column
};

}  // namespace

Program compile_program(ConditionGraph graph, std::vector<RuleCondition> rules, PathTable& paths,
                        std::uint32_t& next_number) {
  Program program;
  program.graph = std::move(graph);
  program.rules = std::move(rules);
  Compiler(program, paths, next_number).compile();
  return program;
}

}  // namespace sightline::detect
