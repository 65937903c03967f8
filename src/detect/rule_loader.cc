#include "detect/rule_loader.h"

#include <algorithm>
#include <tuple>

#include "detect/rule_collector.h"
#include "detect/rule_compiler.h"
#include "detect/ruleset.h"
#include "detect/sigma_files.h"
#include "detect/sigma_rules.h"

namespace sightline::detect {
namespace {

std::shared_ptr<const RuleSet> compile_all(CollectedRules collected, const LoadOptions& options) {
  auto rules = std::make_unique<CompiledRules>();
  rules->problems = std::move(collected.problems);
  rules->mapping = options.mapping();
  rules->placeholders = options.placeholders;
  std::erase_if(collected.filters, [&](const sigma::FilterDocument& filter) {
    auto problem = problem_of(filter, options);
    if (problem) rules->problems.push_back(std::move(*problem));
    return problem.has_value();
  });
  rules->filters = std::move(collected.filters);
  std::vector<sigma::FilterDocument> filters = rules->filters;
  filters.insert(filters.end(), options.filters.begin(), options.filters.end());
  std::vector<CompiledDefinition> compiled;
  for (std::size_t i = 0; i < collected.definitions.size(); ++i) {
    auto done = compile_rule(collected.definitions[i], collected.texts[i]->yaml, filters, options);
    if (done) {
      compiled.push_back(std::move(*done));
    } else {
      rules->problems.push_back(std::move(done.error()));
    }
  }
  std::ranges::sort(compiled, {},
                    [](const CompiledDefinition& definition) { return std::string_view(definition.rule.id); });
  Matcher::Builder matcher;
  for (CompiledDefinition& definition : compiled) {
    const Rule& rule = definition.rule;
    if (rule.inactive_reason.empty()) {
      const auto number = static_cast<std::uint32_t>(rules->rules.size());
      if (auto added = matcher.add(number, definition.filter, definition.compiled.suppressions); !added) {
        rules->problems.push_back({rule.file, rule.line, 1, rule.id, added.error().message, {}});
        continue;
      }
    }
    rules->rules.push_back(std::move(definition.rule));
    rules->compiled.push_back(std::move(definition.compiled));
  }
  rules->matcher = std::move(matcher).build();
  std::vector<RuleProblem> of_the_other_set;
  assign_rulesets(options.rulesets, rules->rules, of_the_other_set);
  assign_rulesets(collected.rulesets, rules->rules, rules->problems);
  rules->rulesets = std::move(collected.rulesets);
  std::ranges::sort(rules->problems, {}, [](const RuleProblem& problem) {
    return std::tuple(std::string_view(problem.file), problem.line, problem.column);
  });
  return std::make_shared<const RuleSet>(std::move(rules));
}

}  // namespace

std::shared_ptr<const RuleSet> load_rules(std::span<const RuleText> texts, const LoadOptions& options) {
  return compile_all(collect_rules(texts), options);
}

Result<std::shared_ptr<const RuleSet>> load_rule_files(std::span<const std::filesystem::path> paths,
                                                       const LoadOptions& options) {
  const auto files = find_rule_files(paths);
  if (!files) return std::unexpected(files.error());
  auto sigma = load_sigma_files(options);
  if (!sigma) return std::unexpected(sigma.error());
  std::vector<RuleText> texts;
  std::vector<RuleProblem> unreadable;
  for (const std::filesystem::path& file : *files) {
    auto text = read_rule_file(file);
    if (text) {
      texts.push_back({file.string(), std::move(*text)});
    } else {
      unreadable.push_back({file.string(), 0, 0, {}, text.error().message, {}});
    }
  }
  CollectedRules collected = collect_rules(texts);
  std::ranges::move(unreadable, std::back_inserter(collected.problems));
  std::ranges::move(sigma->problems, std::back_inserter(collected.problems));
  LoadOptions with_files = options;
  with_files.sigma_mapping = &sigma->mapping;
  with_files.placeholders = std::move(sigma->placeholders);
  return compile_all(std::move(collected), with_files);
}

}  // namespace sightline::detect
