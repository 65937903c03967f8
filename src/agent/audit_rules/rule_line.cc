#include "agent/audit_rules/rule_line.h"

namespace sightline::agent {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

}  // namespace

std::vector<RuleWord> split_rule_line(std::string_view line) {
  std::vector<RuleWord> words;
  bool within = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (is_blank(line[i])) {
      within = false;
      continue;
    }
    if (!within) {
      if (words.empty() && line[i] == '#') return words;
      words.push_back({"", i + 1});
      within = true;
    }
    const bool escaped = line[i] == '\\' && i + 1 < line.size() && (line[i + 1] == ' ' || line[i + 1] == '\\');
    if (escaped) ++i;
    words.back().text += line[i];
  }
  return words;
}

}  // namespace sightline::agent
