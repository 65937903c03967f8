#include "cli/rule_files.h"

#include <filesystem>
#include <ostream>

#include "cli/terminal/command.h"
#include "cli/terminal/terminal_text.h"
#include "detect/rule_loader.h"

namespace sightline::cli {

void add_sigma_options(Command& command, RuleFiles& files) {
  command
      .option("--placeholders", "PATH", files.placeholders,
              "What %name% stands for in Sigma rules: NAME.txt, YAML, or folders of them, repeated")
      .option("--sigma-mapping", "PATH", files.mappings,
              "Further log sources and fields of Sigma: YAML files and folders of them, repeated");
}

Result<std::shared_ptr<const detect::RuleSet>> load_rules(const RuleFiles& files) {
  using Paths = std::vector<std::filesystem::path>;
  const Paths rules(files.rules.begin(), files.rules.end());
  detect::LoadOptions options;
  options.placeholder_paths = Paths(files.placeholders.begin(), files.placeholders.end());
  options.mapping_paths = Paths(files.mappings.begin(), files.mappings.end());
  return detect::load_rule_files(rules, options);
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
