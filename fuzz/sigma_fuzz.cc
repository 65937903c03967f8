// Sigma's documents from anywhere. The first byte says what the rest is: `m` a mapping file, `p` a file of
// placeholders, `l` the lines of one placeholder, `f` the body of a filter, anything else the detection of a rule.
// Loading never fails; of what loads the matcher, the predicate and the filter as it is shown say the same.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "detect/compiled_rules.h"
#include "detect/detector.h"
#include "detect/rule_filter.h"
#include "detect/rule_loader.h"

namespace {

using namespace sightline;

constexpr std::string_view kRule = "title: T\nid: r\nlogsource: {product: linux}\ndetection:\n";
constexpr std::string_view kFilter = "title: F\nlogsource: {product: linux}\nfilter:\n  rules: any\n";
constexpr std::string_view kPlain = "  s: {CommandLine|contains: sh}\n  condition: s\n";

void check(bool holds) {
  if (!holds) std::abort();
}

void fill(EventBatch& batch) {
  Event& event = batch.add();
  event.event_time_ms = 1'772'402'400'000;
  event.add_text(FieldId::event_type, "audit");
  event.add_text(FieldId::exe, "/bin/sh");
  event.add_text(FieldId::user, "root");
  event.add_integer(FieldId::pid, 42);
  event.add_attribute("CommandLine", Attribute::Kind::text, "sh -c \"wget * | p\xc3\xa9rl\" \xe2\x84\xaa\xff");
  event.add_attribute("F", Attribute::Kind::text, "dwBoAG8AYQBtAGkA");
  event.add_attribute("F", Attribute::Kind::number, "10");
  event.add_attribute("G", Attribute::Kind::text, "10.0.0.1");
}

void try_rules(std::string detection, std::string filter) {
  std::vector<detect::RuleText> texts{{"rule.yml", std::string(kRule).append(detection)}};
  if (!filter.empty()) texts.push_back({"filter.yml", std::string(kFilter).append(filter)});
  const detect::LoadOptions options{.placeholders = {{"Admins", {"root", "adm_*", "10"}}}};
  const auto rules = detect::load_rules(texts, options);
  for (const detect::RuleProblem& problem : rules->problems()) check(!to_string(problem).empty());
  EventBatch batch;
  fill(batch);
  const detect::Detection detection_of_all = detect::Detector(rules).detect(batch, 0);
  for (std::size_t i = 0; i < rules->rules().size(); ++i) {
    const detect::Rule& rule = rules->rules()[i];
    const bool fires = rules->compiled().compiled[i].fires(batch.events().front());
    const auto again = detect::read_filter(rule.filter);
    check(again.has_value());
    const auto predicate = query::Predicate::compile(*again);
    check(predicate.has_value() && predicate->matches(batch.events().front()) == fires);
    if (!rule.inactive_reason.empty()) continue;
    bool found = false;
    for (const detect::Firing& firing : detection_of_all.firings) found = found || firing.rule == &rule;
    check(found == fires);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'm': {
      detect::sigma::Mapping mapping;
      const auto added = mapping.add(text);
      check(added.has_value() || !added.error().message.empty());
      break;
    }
    case 'p':
      static_cast<void>(detect::sigma::read_placeholders(text));
      break;
    case 'l':
      static_cast<void>(detect::sigma::read_placeholder_lines(text));
      break;
    case 'f':
      try_rules(std::string(kPlain), text);
      break;
    default:
      try_rules(text, {});
  }
  return 0;
}
