#include "server/api/rule_metrics.h"

#include <algorithm>
#include <string>

namespace sightline::api {

namespace {

using Entry = detect::ActiveRules::Entry;

struct Series {
  MetricFamily family;
  void add(const char* label, const std::string& word, double value) {
    prometheus::ClientMetric& metric = family.metric.emplace_back();
    metric.label.push_back({label, word});
    (family.type == MetricType::Gauge ? metric.gauge.value : metric.counter.value) = value;
  }
};

Series series(const char* name, const char* help, MetricType type) {
  Series made;
  made.family.name = name;
  made.family.help = help;
  made.family.type = type;
  return made;
}

// A rule has a series of its own from its first match on, so that no counter ever goes back.
void append_matches(std::vector<MetricFamily>& out, const detect::ActiveRules& rules) {
  Series matches = series("sightline_rule_matches_total", "Events the rule fired on; rule=\"\": all rules beyond 500",
                          MetricType::Counter);
  Series suppressed =
      series("sightline_rule_suppressed_total", "Events its suppressions silenced", MetricType::Counter);
  std::uint64_t other_matches = 0;
  std::uint64_t other_suppressed = 0;
  for (const Entry& entry : rules.rules()) {
    const detect::RuleActivity& activity = *entry.activity;
    if (activity.first_matched == 0) continue;
    if (activity.first_matched <= kRulesWithSeries) {
      matches.add("rule", entry.rule->id, static_cast<double>(activity.matches));
      suppressed.add("rule", entry.rule->id, static_cast<double>(activity.suppressed));
    } else {
      other_matches += activity.matches;
      other_suppressed += activity.suppressed;
    }
  }
  matches.add("rule", "", static_cast<double>(other_matches));
  suppressed.add("rule", "", static_cast<double>(other_suppressed));
  out.push_back(std::move(matches.family));
  out.push_back(std::move(suppressed.family));
}

void append_dearest(std::vector<MetricFamily>& out, const detect::ActiveRules& rules) {
  std::vector<const Entry*> dearest;
  for (const Entry& entry : rules.rules()) {
    if (entry.activity->cpu_ns > 0) dearest.push_back(&entry);
  }
  const std::size_t count = std::min(dearest.size(), kDearestRules);
  std::ranges::partial_sort(dearest, dearest.begin() + static_cast<std::ptrdiff_t>(count), std::ranges::greater(),
                            [](const Entry* entry) { return entry->activity->cpu_ns.load(); });
  Series cpu = series("sightline_rule_cpu_seconds_total", "Estimated CPU time of the 20 rules that took most",
                      MetricType::Counter);
  for (const Entry* entry : std::span(dearest).first(count)) {
    cpu.add("rule", entry->rule->id, static_cast<double>(entry->activity->cpu_ns) / 1e9);
  }
  out.push_back(std::move(cpu.family));
}

void append_states(std::vector<MetricFamily>& out, const detect::ActiveRules& rules) {
  std::size_t disabled = 0;
  std::size_t set_aside = 0;
  for (const Entry& entry : rules.rules()) {
    if (entry.disabled || !entry.rule->inactive_reason.empty()) {
      ++disabled;
    } else if (!entry.activity->set_aside_reason().empty()) {
      ++set_aside;
    }
  }
  Series states = series("sightline_rules", "Rules by what becomes of them", MetricType::Gauge);
  states.add("state", "tried", static_cast<double>(rules.rules().size() - disabled - set_aside));
  states.add("state", "disabled", static_cast<double>(disabled));
  states.add("state", "set_aside", static_cast<double>(set_aside));
  states.add("state", "refused", static_cast<double>(rules.problems().size()));
  out.push_back(std::move(states.family));
}

}  // namespace

void append_rules(std::vector<MetricFamily>& out, const detect::ActiveRules& rules,
                  const server::PipelineMetrics& pipeline) {
  append_states(out, rules);
  append_matches(out, rules);
  append_dearest(out, rules);
  out.push_back(family("sightline_rules_cpu_seconds_total", "Estimated CPU time of matching, what rules share included",
                       MetricType::Counter, static_cast<double>(pipeline.match_cpu_ns) / 1e9));
  out.push_back(counter("sightline_rules_set_aside_total",
                        "Times a rule failed or went over its budget and was set aside", pipeline.rules_set_aside));
}

}  // namespace sightline::api
