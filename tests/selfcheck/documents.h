// What the documents say exists, exists.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tree.h"

namespace sightline::selfcheck {

// Relative links of *.md whose file or heading is not there.
std::vector<Finding> check_links(const Tree& tree);

// The --help text of a program's command, by words: {"sightline", "alerts", "list"}; nullopt where there is none.
using HelpText = std::function<std::optional<std::string>(const std::vector<std::string>& words)>;

// Commands in fenced sh, bash and console blocks: our programs' commands and long options against their help; ./run,
// ./test and scripts/ against the tree. Of a console block only lines that start with `$ ` are commands. `programs` are
// those that help can be asked of; what of ours is not among them (this build lacks it) is not looked at.
std::vector<Finding> check_commands(const Tree& tree, const std::vector<std::string>& programs, const HelpText& help);

// The words of a shell command line, quotes and backslashes resolved; `|`, `||`, `&&`, `;`, `&` and redirections are
// words of their own; comments are left out.
std::vector<std::string> shell_words(std::string_view line);

}  // namespace sightline::selfcheck
