// sightline rules: whether rule files load, whether their tests hold, and what is in them. These need no server; those
// that do are in files of their own.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <ostream>

#include "base/json_text.h"
#include "cli/all_commands.h"
#include "cli/formats.h"
#include "cli/junit_report.h"
#include "cli/rule_files.h"
#include "cli/view.h"
#include "detect/lint.h"
#include "detect/offline.h"
#include "detect/rules_doc.h"

namespace sightline::cli {
namespace {

struct RulesOptions {
  RuleFiles files;
  std::string junit;  // of `test`
  std::string output = "table";
};

using Rules = std::shared_ptr<const detect::RuleSet>;

Result<Rules> load(const RulesOptions& options, Io& io) {
  Result<Rules> rules = load_rules(options.files);
  if (!rules) return rules;
  print_problems(io, **rules);
  if ((*rules)->rules().empty() && (*rules)->problems().empty()) {
    return fail(ErrorCode::invalid_input, "there is no rule file (*.yaml, *.yml) here");
  }
  return rules;
}

Result<ExitCode> run_check(const RulesOptions& options, Io& io) {
  const Result<Rules> rules = load(options, io);
  if (!rules) return std::unexpected(rules.error());
  const std::vector<detect::Doubt> doubts = detect::find_doubts(**rules);
  for (const detect::Doubt& doubt : doubts) {
    io.err << printable(
                  fmt::format("{}:{}: rule {}: {}", doubt.rule->file, doubt.rule->line, doubt.rule->id, doubt.message))
           << '\n';
  }
  io.err.flush();
  const std::size_t problems = (*rules)->problems().size();
  const auto inactive =
      std::ranges::count_if((*rules)->rules(), [](const detect::Rule& rule) { return !rule.inactive_reason.empty(); });
  io.out << fmt::format("loaded {}{}, {}{}\n", count_of((*rules)->rules().size(), "rule"),
                        inactive == 0 ? "" : fmt::format(" ({} inactive)", inactive), count_of(problems, "problem"),
                        doubts.empty() ? "" : ", " + count_of(doubts.size(), "doubt"));
  return problems == 0 ? ExitCode::fine : ExitCode::usage;
}

Result<std::unique_ptr<sources::Decoder>> make_decoder(std::string_view format) {
  const Result<sources::Format> parsed = parse_supported_format(std::string(format));
  if (!parsed) return std::unexpected(parsed.error());
  return sources::make_decoder(*parsed, {});
}

// Names our own rules that lack an event they fire on, or one they just do not. Returns how many.
std::size_t name_one_sided(const detect::RuleSet& rules, Io& io) {
  std::size_t count = 0;
  for (const detect::Rule& rule : rules.rules()) {
    const auto has = [&](bool fires) {
      return std::ranges::any_of(rule.tests, [&](const detect::RuleTest& test) { return test.fires == fires; });
    };
    if (!rule.log_source.empty() || (has(true) && has(false))) continue;
    ++count;
    std::string_view lacks = "an event it just does not fire on (fires: false)";
    if (!has(true)) lacks = has(false) ? "an event it fires on (fires: true)" : "tests";
    io.err << printable(fmt::format("{}:{}: rule {} lacks {}", rule.file, rule.line, rule.id, lacks)) << '\n';
  }
  io.err.flush();
  return count;
}

Result<ExitCode> run_test(const RulesOptions& options, Io& io) {
  const Result<Rules> rules = load(options, io);
  if (!rules) return std::unexpected(rules.error());
  const auto outcomes = detect::run_rule_tests(**rules, make_decoder);
  std::size_t failed = 0;
  for (const detect::RuleTestOutcome& outcome : outcomes) {
    if (outcome.passed) continue;
    ++failed;
    io.out << styled("FAILED", Style::red, io.terminal.colour)
           << printable(fmt::format(" {}:{}: {}: {}: {}", outcome.rule->file, outcome.test->line, outcome.rule->id,
                                    outcome.test->name, outcome.detail))
           << '\n';
  }
  if (!options.junit.empty()) {
    if (const Result<void> written = write_junit(options.junit, outcomes); !written) {
      return std::unexpected(written.error());
    }
  }
  const std::size_t one_sided = name_one_sided(**rules, io);
  io.out << fmt::format("{} passed, {} failed, of {}{}\n", outcomes.size() - failed, failed,
                        count_of((*rules)->rules().size(), "rule"),
                        one_sided == 0 ? "" : fmt::format(" ({} without a firing or a near-miss test)", one_sided));
  if (!(*rules)->problems().empty()) return ExitCode::usage;
  return failed == 0 ? ExitCode::fine : ExitCode::findings;
}

void print_json(Io& io, const detect::Rule& rule) {
  std::string line = R"({"id":)";
  append_json_string(line, rule.id);
  line += R"(,"name":)";
  append_json_string(line, rule.name);
  line += fmt::format(R"(,"severity":{},"enabled":{},"title":)", rule.severity, rule.inactive_reason.empty());
  append_json_string(line, rule.title.text());
  line += R"(,"filter":)";
  append_json_string(line, rule.filter);
  line += R"(,"host_tags":[)";
  for (const std::string& tag : rule.host_tags) {
    if (!line.ends_with('[')) line += ',';
    append_json_string(line, tag);
  }
  line += ']';
  line += R"(,"file":)";
  append_json_string(line, rule.file);
  line += fmt::format(R"(,"line":{},"tests":{}}})", rule.line, rule.tests.size());
  print_json_line(io, line);
}

Result<ExitCode> run_list(const RulesOptions& options, Io& io) {
  const Result<Rules> rules = load(options, io);
  if (!rules) return std::unexpected(rules.error());
  Table table(
      {{"id"}, {"severity", false, false}, {"title"}, {"events"}, {"tests", true, false}, {"state", false, false}});
  for (const detect::Rule& rule : (*rules)->rules()) {
    if (options.output == "ndjson") {
      print_json(io, rule);
      continue;
    }
    table.add_row({{rule.id},
                   severity_cell(rule.severity),
                   {std::string(rule.title.text())},
                   {fmt::format("{}", fmt::join(rule.event_types, ", "))},
                   {std::to_string(rule.tests.size())},
                   {rule.inactive_reason.empty() ? "active" : "inactive: " + rule.inactive_reason}});
  }
  if (options.output == "table" && !table.empty()) print_table(io, table);
  if (options.output == "markdown") io.out << detect::rules_markdown(**rules);
  return (*rules)->problems().empty() ? ExitCode::fine : ExitCode::usage;
}

Command& add_one(Command& rules, const std::shared_ptr<RulesOptions>& options, std::string name, std::string purpose) {
  Command& command = rules.add(std::move(name), std::move(purpose));
  command.positional("PATH", options->files.rules, "Rule files, and folders of them").required();
  add_sigma_options(command, options->files);
  return command;
}

}  // namespace

void add_rules(Command& program, Io& io) {
  const auto options = std::make_shared<RulesOptions>();
  Command& rules = program.add("rules", "Check and test rule files; see and change the rules of a server");
  rules.examples(
      "Examples:\n  sightline rules check rules/\n  sightline rules test rules/\n  sightline rules list rules/\n  "
      "sightline rules push rules/\n  sightline rules status");
  add_one(rules, options, "check", "Do they load? Problems and doubts are named with file, line and a hint")
      .examples(
          "Example:\n  sightline rules check rules/\n\nThe exit code is 2 where a rule does not load. "
          "Doubts are about rules that load: the same\nas another, covered by another, without a tag of ATT&CK.")
      .action([options, &io] { return run_check(*options, io); });
  add_one(rules, options, "test", "Run the events that each rule must and must not fire on")
      .option("--junit", "FILE", options->junit, "Write the outcomes as JUnit XML, too")
      .examples(
          "Example:\n  sightline rules test rules/\n\nThe exit code is 1 where a test fails, 2 where a rule does "
          "not load.")
      .action([options, &io] { return run_test(*options, io); });
  add_one(rules, options, "list", "What is in them")
      .choice("-o,--output", options->output, {"table", "ndjson", "markdown"}, "How to show them [table]")
      .examples(
          "Examples:\n  sightline rules list rules/ --output ndjson\n  sightline rules list rules/ --output markdown")
      .action([options, &io] { return run_list(*options, io); });
  add_rules_explain(rules, io);
  add_rules_push(rules, io);
  add_rules_server(rules, io);
}

}  // namespace sightline::cli
