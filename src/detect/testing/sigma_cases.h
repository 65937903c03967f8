// Case files of Sigma's language, tests/sigma: small rules, and events that they must and must not match.
//
//   # a comment
//   case text, whatever its case       what is shown; a new rule with the id `r` and the name `by_name`
//     selection: {F: Alice}            its detection, two blanks before each line
//     condition: selection
//   match {"F":"aLICE"}                an event as one line of JSON, as POST /v1/events takes it
//   no match {"F":"Bob"}
//
// After `case` there may be
//
//   filter by id                       a document of its own, with that title; it is loaded with the rule
//     logsource: {category: test}
//     filter: …
//   source {category: other}           the rule's log source; otherwise {category: test}
//   refused 2: no such field           loading must fail in this line of the detection, with a message that has this
//   inactive nothing here sends        the rule must load, and be inactive with a reason that has this
//
// A case without `refused` and `inactive` needs an event of either kind.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sightline::detect::testing {

struct SigmaCase {
  std::size_t line = 0;  // of the file, from 1
  std::string title;
  std::string detection;
  std::string log_source = "{category: test}";
  std::vector<std::string> filters;  // documents
  std::vector<std::string> matching;
  std::vector<std::string> others;
  std::size_t refused_line = 0;  // of the detection, from 1; 0: it loads
  std::string refused;
  std::string inactive;
};

// Throws std::runtime_error with the line where the file is not as described.
std::vector<SigmaCase> load_sigma_cases(const std::filesystem::path& file);

// The files below tests/sigma, sorted.
std::vector<std::filesystem::path> sigma_case_files();
// The folder that has a file for each modifier, by its name.
std::filesystem::path sigma_modifier_folder();

}  // namespace sightline::detect::testing
