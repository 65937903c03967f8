// A line of a rule file as words.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sightline::agent {

struct RuleWord {
  std::string text;
  std::size_t column = 0;  // of its first byte, from 1
};

// Words stand between spaces or tabs. As auditctl has it, `\ ` is a space and `\\` a backslash within a word, any other
// backslash and all quotation marks are ordinary characters. A line whose first other character is # has no words.
std::vector<RuleWord> split_rule_line(std::string_view line);

}  // namespace sightline::agent
