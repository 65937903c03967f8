// This repository keeps its own rules.
#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <memory>
#include <sstream>

#include "documents.h"
#include "layers.h"
#include "lengths.h"
#include "words.h"

namespace sightline::selfcheck {
namespace {

const Tree& repository() {
  static const Tree kTree = read_tree(SIGHTLINE_SOURCE_DIR);
  return kTree;
}

void expect_none(const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) ADD_FAILURE() << to_string(finding);
}

// "name=path" of the programs of this build, one a word.
std::map<std::string, std::string> programs() {
  std::map<std::string, std::string> paths;
  std::istringstream words(SIGHTLINE_PROGRAMS);
  for (std::string word; words >> word;) paths[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
  return paths;
}

std::optional<std::string> ask_help(const std::vector<std::string>& words) {
  static std::map<std::vector<std::string>, std::optional<std::string>> known;
  if (const auto found = known.find(words); found != known.end()) return found->second;
  std::string command = programs().at(words.front());
  for (std::size_t i = 1; i < words.size(); ++i) command += " '" + words[i] + "'";
  FILE* pipe = ::popen((command + " --help 2>&1").c_str(), "r");
  std::string text;
  char buffer[4096];
  while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, pipe)) text.append(buffer, count);
  const bool fine = ::pclose(pipe) == 0;
  return known[words] = fine ? std::optional(text) : std::nullopt;
}

TEST(Repository, HasItsFiles) {
  EXPECT_TRUE(repository().has("src/base/error.h"));
  EXPECT_TRUE(repository().has("tests/selfcheck/repository_test.cc"));
  EXPECT_FALSE(repository().has_folder("build"));
}

TEST(Repository, IncludesGoDownward) { expect_none(check_layers(repository())); }

TEST(Repository, FilesAndFunctionsAreShort) {
  expect_none(check_lengths(repository(), "tests/selfcheck/allowed_lengths.txt"));
}

TEST(Repository, LinksInDocumentsLead) { expect_none(check_links(repository())); }

TEST(Repository, CommandsInDocumentsExist) {
  std::vector<std::string> names;
  for (const auto& [name, path] : programs()) names.push_back(name);
  expect_none(check_commands(repository(), names, ask_help));
}

TEST(Repository, HoldsNoNotesAndNoMachinePaths) { expect_none(check_words(repository())); }

TEST(Repository, EveryDecoderHasAFuzzer) { expect_none(check_fuzzers(repository())); }

}  // namespace
}  // namespace sightline::selfcheck
