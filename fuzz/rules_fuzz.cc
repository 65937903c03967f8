// Rule files from anywhere: loading never fails, and what loads can be tried and rendered.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "detect/detector.h"
#include "detect/rule_loader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sightline;
  const std::vector<detect::RuleText> texts{{"fuzz.yaml", std::string(reinterpret_cast<const char*>(data), size)}};
  const auto rules = detect::load_rules(texts, {});
  for (const detect::RuleProblem& problem : rules->problems()) {
    if (to_string(problem).empty()) std::abort();
  }
  EventBatch batch;
  Event& event = batch.add();
  event.add_text(FieldId::type, "start");
  event.add_text(FieldId::exe, "/bin/sh");
  event.add_text(FieldId::event_type, "audit");
  event.add_integer(FieldId::pid, 42);
  event.add_attribute("requestParameters.name", Attribute::Kind::text, "x");
  for (const detect::Firing& firing : detect::Detector(rules).detect(batch, 0).firings) {
    if (firing.rule->title.render(event).size() > 2000) std::abort();
  }
  return 0;
}
