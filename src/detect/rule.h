// A rule: what is looked for in events, and what an alert about it says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detect/title.h"

namespace sightline::detect {

// Events a rule must or must not fire on, as raw lines of a source. They go through the real decoder.
struct RuleTest {
  std::string name;
  bool fires = true;
  std::string format;  // name of a decoder: auditd, cloudtrail, kubernetes, …
  std::string input;   // the raw lines
  std::size_t line = 0;
};

// Silences a rule on the events that match `filter`.
struct Suppression {
  std::string filter;  // a query expression
  std::string reason;
  std::string author;
  std::optional<std::int64_t> expires_ms;  // from then on it counts no longer; nullopt: never
};

struct Rule {
  std::string id;
  std::string name;  // for people; of a Sigma rule what filters may call it; may be empty
  TitleTemplate title;
  std::string description;
  std::string response;  // what to do about an alert
  int severity = 3;      // 1 high, 2 medium, 3 low
  std::string filter;    // a query expression; of a Sigma rule, what its detection comes to
  std::vector<Suppression> suppressions;
  bool alerts = true;  // false: its events are marked, nothing else
  std::string author;
  std::string status;      // of a Sigma rule: stable, test, experimental, deprecated, unsupported
  std::string log_source;  // of a Sigma rule, as its document names it; empty: the rule is one of ours
  std::vector<std::string> tags;
  std::vector<std::string> compliance;  // controls it serves, such as "SOC-2:CC 6.1"
  std::vector<std::string> references;
  std::vector<std::string> false_positives;
  std::vector<std::string> host_tags;  // counts only on hosts with one of these; empty: everywhere. Sorted
  std::string inactive_reason;         // why it is not tried, as far as the files say; empty: it is
  std::vector<RuleTest> tests;

  std::string fingerprint;  // 16 hexadecimal digits of the SHA-256 of its document's text: another text, another one
  std::string file;         // where it was read from
  std::size_t line = 0;     // from 1

  // Values of event_type without which the filter cannot match, worked out from it; empty: any kind of event. The rule
  // is inactive where no source of these kinds is connected.
  std::vector<std::string> event_types;
};

enum class RuleState : std::uint8_t {
  active,
  inactive,  // disabled, or no source of that kind is connected: the reason says which
  refused,   // does not load: the reason says why
};
std::string_view to_string(RuleState state);

// Why a rule, or a whole file, was refused.
struct RuleProblem {
  std::string file;
  std::size_t line = 0;  // from 1; 0 where the whole file is meant
  std::size_t column = 0;
  std::string rule_id;  // empty where it is not known
  std::string message;  // what is wrong and what was expected
  std::string hint;     // empty where there is none
};

// "rules/a.yaml:12:11: message", and on a second line "  hint: …" where there is one.
std::string to_string(const RuleProblem& problem);

}  // namespace sightline::detect
