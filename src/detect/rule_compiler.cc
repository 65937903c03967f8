#include "detect/rule_compiler.h"

#include <fmt/format.h>

#include <algorithm>

#include "detect/conditions.h"
#include "detect/sigma_rules.h"
#include "query/checker.h"
#include "query/parser.h"
#include "query/text_form.h"

namespace sightline::detect {
namespace {

using query::Diagnostic;

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  text.remove_suffix(text.size() - std::min(text.find_last_not_of(' ') + 1, text.size()));
  return text;
}

// One definition on its way; remembers where its values stand.
class Compiler {
 public:
  Compiler(const RuleDefinition& definition, std::string_view text, std::span<const sigma::FilterDocument> filters,
           const LoadOptions& options)
      : definition_(definition),
        text_(text),
        filters_(filters),
        options_(options),
        context_{options.catalog, std::nullopt} {}

  std::expected<CompiledDefinition, RuleProblem> compile() const {
    Rule rule = definition_.rule;
    auto filter = definition_.sigma ? sigma_filter(rule) : own_filter(rule);
    if (!filter) return std::unexpected(filter.error());
    rule.event_types = necessary_event_types(*filter);
    auto predicate = query::Predicate::compile(*filter);
    if (!predicate) return problem(definition_.id, 0, predicate.error().message, {});

    CompiledDefinition done{std::move(rule), {std::move(*predicate), {}, {}}, std::move(*filter)};
    for (std::size_t i = 0; i < definition_.suppressions.size(); ++i) {
      auto added = add_suppression(definition_.suppressions[i], done.rule.suppressions[i], done.compiled);
      if (!added) return std::unexpected(added.error());
    }
    return done;
  }

 private:
  std::expected<void, RuleProblem> add_suppression(const YamlNode& node, const Suppression& suppression,
                                                   CompiledRule& compiled) const {
    auto expr = checked(node, "suppression");
    if (!expr) return std::unexpected(expr.error());
    auto silences = query::Predicate::compile(*expr);
    if (!silences) return problem(node, 0, silences.error().message, {});
    if (suppression.expires_ms) {
      compiled.expiring.push_back({std::move(*silences), *suppression.expires_ms});
    } else {
      compiled.suppressions.push_back(std::move(*silences));
    }
    return {};
  }

  std::expected<query::Expr, RuleProblem> own_filter(Rule& rule) const {
    auto title = compile_title();
    if (!title) return std::unexpected(title.error());
    rule.title = std::move(*title);
    auto filter = checked(definition_.filter, "filter");
    if (!filter) return filter;
    if (const auto contradiction = find_contradiction(*filter, options_.event_types)) {
      return problem(definition_.filter, contradiction->span.begin, contradiction->message, contradiction->hint);
    }
    return filter;
  }

  std::expected<query::Expr, RuleProblem> sigma_filter(Rule& rule) const {
    auto lowered = lower_sigma(definition_, text_, filters_, options_);
    if (!lowered) return std::unexpected(lowered.error());
    if (rule.inactive_reason.empty()) rule.inactive_reason = std::move(lowered->inactive_reason);
    const auto contradiction = find_contradiction(lowered->expr, options_.event_types);
    if (contradiction) return problem(definition_.id, 0, contradiction->message, contradiction->hint);
    rule.filter = query::to_string(lowered->expr);
    return std::move(lowered->expr);
  }

  std::unexpected<RuleProblem> problem(const YamlNode& node, std::size_t offset, std::string message,
                                       std::string hint) const {
    const auto [line, column] = locate_in_scalar(text_, node, offset);
    return std::unexpected(
        RuleProblem{definition_.rule.file, line, column, definition_.rule.id, std::move(message), std::move(hint)});
  }

  std::unexpected<RuleProblem> problem(const YamlNode& node, std::string_view what,
                                       const Diagnostic& diagnostic) const {
    std::string message = fmt::format("{}: {}", what, diagnostic.message);
    if (!diagnostic.expected.empty()) message += "; expected " + diagnostic.expected;
    return problem(node, diagnostic.span.begin, std::move(message), diagnostic.hint);
  }

  std::expected<query::Expr, RuleProblem> checked(const YamlNode& node, std::string_view what) const {
    auto expr = query::parse_expression(node.scalar);
    if (!expr) return problem(node, what, expr.error());
    if (auto good = query::check(*expr, context_); !good) return problem(node, what, good.error());
    return std::move(*expr);
  }

  // The targets of a name, by the same rules as in a filter.
  std::expected<std::vector<query::Target>, Diagnostic> resolve(const std::string& name) const {
    query::Expr expr{query::IsNull{query::FieldRef{name, {}, {}}}, {}};
    if (auto good = query::check(expr, context_); !good) return std::unexpected(good.error());
    return std::get<query::IsNull>(expr.node).field.targets;
  }

  // What stands between braces: names, and at the end perhaps a quoted text, with bars between them.
  std::expected<TitleTemplate::Value, Diagnostic> title_value(std::string_view text) const {
    TitleTemplate::Value value;
    while (true) {
      const std::size_t bar = std::min(text.find('|'), text.size());
      const std::string_view piece = trimmed(text.substr(0, bar));
      const bool quoted = piece.size() > 2 && piece.starts_with('\'') && piece.ends_with('\'');
      if (quoted && bar == text.size() && !value.names.empty()) {
        value.otherwise = piece.substr(1, piece.size() - 2);
      } else {
        auto targets = resolve(std::string(piece));
        if (!targets) return std::unexpected(std::move(targets.error()));
        value.names.push_back({std::string(piece), std::move(*targets)});
      }
      if (bar == text.size()) return value;
      text.remove_prefix(bar + 1);
    }
  }

  std::expected<TitleTemplate, RuleProblem> compile_title() const {
    const YamlNode& node = definition_.title;
    const std::string_view text = node.scalar;
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
      return problem(node, 0, "the title is empty", "say who did what: {{user}} ran {{exe}}");
    }
    std::vector<TitleTemplate::Part> parts;
    std::size_t at = 0;
    while (at < text.size()) {
      const std::size_t open = std::min(text.find("{{", at), text.size());
      if (open > at) parts.emplace_back(std::string(text.substr(at, open - at)));
      if (open == text.size()) break;
      const std::size_t close = text.find("}}", open);
      if (close == std::string_view::npos) {
        return problem(node, open, "title: \"{{\" without \"}}\"", "close the braces after the name of the field");
      }
      auto value = title_value(text.substr(open + 2, close - open - 2));
      if (!value) return problem(node, open, "title: " + value.error().message, value.error().hint);
      parts.emplace_back(std::move(*value));
      at = close + 2;
    }
    return TitleTemplate(node.scalar, std::move(parts));
  }

  const RuleDefinition& definition_;
  std::string_view text_;
  std::span<const sigma::FilterDocument> filters_;
  const LoadOptions& options_;
  query::CheckContext context_;
};

}  // namespace

std::expected<CompiledDefinition, RuleProblem> compile_rule(const RuleDefinition& definition, std::string_view text,
                                                            std::span<const sigma::FilterDocument> filters,
                                                            const LoadOptions& options) {
  return Compiler(definition, text, filters, options).compile();
}

}  // namespace sightline::detect
