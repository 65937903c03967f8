#include "cli/junit_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <pugixml.hpp>
#include <string_view>
#include <vector>

#include "cli/terminal/terminal_text.h"

namespace sightline::cli {
namespace {

using Outcomes = std::vector<const detect::RuleTestOutcome*>;

void add_case(pugi::xml_node suite, const detect::RuleTestOutcome& outcome) {
  pugi::xml_node test = suite.append_child("testcase");
  test.append_attribute("classname") = printable(outcome.rule->id).c_str();
  test.append_attribute("name") = printable(outcome.test->name).c_str();
  test.append_attribute("line") = outcome.test->line;
  if (!outcome.passed) test.append_child("failure").append_attribute("message") = printable(outcome.detail).c_str();
}

void add_suite(pugi::xml_node suites, std::string_view file, const Outcomes& outcomes) {
  pugi::xml_node suite = suites.append_child("testsuite");
  suite.append_attribute("name") = printable(file).c_str();
  suite.append_attribute("tests") = outcomes.size();
  suite.append_attribute("failures") = std::ranges::count(outcomes, false, &detect::RuleTestOutcome::passed);
  for (const detect::RuleTestOutcome* outcome : outcomes) add_case(suite, *outcome);
}

}  // namespace

Result<void> write_junit(const std::string& file, std::span<const detect::RuleTestOutcome> outcomes) {
  std::map<std::string_view, Outcomes> by_file;
  for (const detect::RuleTestOutcome& outcome : outcomes) by_file[outcome.rule->file].push_back(&outcome);
  pugi::xml_document document;
  pugi::xml_node suites = document.append_child("testsuites");
  suites.append_attribute("tests") = outcomes.size();
  for (const auto& [name, of_file] : by_file) add_suite(suites, name, of_file);
  if (document.save_file(file.c_str(), "  ")) return {};
  return fail(ErrorCode::unavailable, fmt::format("cannot write {}", file));
}

}  // namespace sightline::cli
