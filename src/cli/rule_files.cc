#include "cli/rule_files.h"

#include <filesystem>
#include <ostream>

#include "cli/terminal/command.h"
#include "cli/terminal/terminal_text.h"
#include "detect/rule_loader.h"

namespace sightline::cli {

Result<std::shared_ptr<const detect::RuleSet>> load_rules(const std::vector<std::string>& paths) {
  const std::vector<std::filesystem::path> files(paths.begin(), paths.end());
  return detect::load_rule_files(files, {});
}

void print_problems(Io& io, const detect::RuleSet& rules) {
  for (const detect::RuleProblem& problem : rules.problems()) {
    const std::string text = to_string(problem);
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      io.err << printable(std::string_view(text).substr(begin, end - begin)) << '\n';
      begin = end + 1;
    }
  }
  io.err.flush();
}

}  // namespace sightline::cli
