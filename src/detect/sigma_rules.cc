#include "detect/sigma_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "detect/sigma/expressions.h"
#include "detect/sigma/lowering.h"
#include "detect/sigma/mapping.h"
#include "query/checker.h"
#include "query/fold.h"
#include "query/parser.h"

namespace sightline::detect {
namespace {

int severity_of(sigma::Level level) {
  switch (level) {
    case sigma::Level::critical:
    case sigma::Level::high:
      return 1;
    case sigma::Level::medium:
      return 2;
    default:
      return 3;
  }
}

// Of a mapping file, which was checked when it was read.
query::Expr events_of(const sigma::MappedSource& source) {
  query::Expr expr = query::parse_expression(source.events).value();
  query::check(expr, {}).value();
  return expr;
}

bool applies(const sigma::FilterDocument& filter, const RuleDefinition& definition) {
  if (!sigma::covers(filter.detection.log_source, definition.sigma->log_source)) return false;
  return filter.rules.empty() || std::ranges::any_of(filter.rules, [&](const std::string& wanted) {
           return query::equal_folded(wanted, definition.rule.id) ||
                  (!definition.rule.name.empty() && wanted == definition.rule.name);
         });
}

// What a filter asks of a field that no source records holds for no event: it has no effect, and the rule stays.
sigma::FieldNames names_for_filters(const sigma::FieldNames& names) {
  sigma::FieldNames all = names;
  std::erase_if(all.fields, [](const auto& field) { return field.second.names.empty(); });
  all.others = true;
  all.keywords = true;
  return all;
}

class SigmaLowering {
 public:
  SigmaLowering(const RuleDefinition& definition, std::string_view text, std::span<const sigma::FilterDocument> filters,
                const LoadOptions& options)
      : definition_(definition), text_(text), filters_(filters), options_(options) {}

  std::expected<SigmaFilter, RuleProblem> lower() const {
    const sigma::LogSource& source = definition_.sigma->log_source;
    const sigma::MappedSource* mapped = options_.mapping().find(source);
    if (mapped == nullptr) return inactive(fmt::format("nothing here sends logs of {}", to_string(source)));
    auto parts = lowered(mapped->names);
    if (!parts) {
      if (parts.error().missing_field) return inactive(parts.error().message);
      return std::unexpected(problem(parts.error()));
    }
    parts->insert(parts->begin(), events_of(*mapped));
    return SigmaFilter{sigma::make_all(std::move(*parts)), {}};
  }

 private:
  // The rule means what it says, but there are no such events: its fields are taken to have their own names.
  std::expected<SigmaFilter, RuleProblem> inactive(std::string reason) const {
    auto parts = lowered({});
    if (!parts) return std::unexpected(problem(parts.error()));
    return SigmaFilter{sigma::make_all(std::move(*parts)), std::move(reason)};
  }

  std::expected<std::vector<query::Expr>, sigma::Refusal> lowered(const sigma::FieldNames& names) const {
    std::vector<query::Expr> parts;
    auto detection = sigma::lower_detection(*definition_.sigma, names, options_.placeholders);
    if (!detection) return std::unexpected(std::move(detection.error()));
    parts.push_back(std::move(*detection));
    if (filters_.empty()) return parts;
    const sigma::FieldNames for_filters = names_for_filters(names);
    for (const sigma::FilterDocument& filter : filters_) {
      if (!applies(filter, definition_)) continue;
      auto condition = sigma::lower_detection(filter.detection, for_filters, options_.placeholders);
      if (!condition) {
        return std::unexpected(sigma::Refusal{&definition_.id, 0,
                                              fmt::format("filter \"{}\" ({}:{}): {}", filter.title, filter.file,
                                                          condition.error().at->line, condition.error().message),
                                              condition.error().hint});
      }
      parts.push_back(std::move(*condition));
    }
    return parts;
  }

  RuleProblem problem(const sigma::Refusal& refusal) const {
    auto [line, column] = std::pair(refusal.at->line, refusal.at->column);
    if (refusal.offset > 0) std::tie(line, column) = locate_in_scalar(text_, *refusal.at, refusal.offset);
    return {definition_.rule.file, line, column, definition_.rule.id, refusal.message, refusal.hint};
  }

  const RuleDefinition& definition_;
  std::string_view text_;
  std::span<const sigma::FilterDocument> filters_;
  const LoadOptions& options_;
};

}  // namespace

RuleDefinition definition_of(sigma::RuleDocument document) {
  RuleDefinition definition;
  Rule& rule = definition.rule;
  rule.id = std::move(document.id);
  rule.name = std::move(document.name);
  rule.title = TitleTemplate(document.title, {document.title});
  rule.description = std::move(document.description);
  rule.author = std::move(document.author);
  rule.status = std::move(document.status);
  rule.severity = severity_of(document.level);
  rule.alerts = document.level != sigma::Level::informational;
  rule.tags = std::move(document.tags);
  rule.references = std::move(document.references);
  rule.false_positives = std::move(document.false_positives);
  rule.log_source = to_string(document.detection.log_source);
  if (rule.status == "unsupported") rule.inactive_reason = "its status is unsupported";
  definition.id = std::move(document.id_node);
  definition.sigma = std::move(document.detection);
  return definition;
}

std::optional<RuleProblem> problem_of(const sigma::FilterDocument& filter, const LoadOptions& options) {
  const sigma::MappedSource* mapped = options.mapping().find(filter.detection.log_source);
  const sigma::FieldNames names = names_for_filters(mapped == nullptr ? sigma::FieldNames() : mapped->names);
  const auto lowered = sigma::lower_detection(filter.detection, names, options.placeholders);
  if (lowered) return std::nullopt;
  const sigma::Refusal& refusal = lowered.error();
  return RuleProblem{filter.file,
                     refusal.at->line,
                     refusal.at->column,
                     {},
                     fmt::format("filter \"{}\": {}", filter.title, refusal.message),
                     refusal.hint};
}

std::expected<SigmaFilter, RuleProblem> lower_sigma(const RuleDefinition& definition, std::string_view text,
                                                    std::span<const sigma::FilterDocument> filters,
                                                    const LoadOptions& options) {
  return SigmaLowering(definition, text, filters, options).lower();
}

}  // namespace sightline::detect
