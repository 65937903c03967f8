#include "words.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <string>

namespace sightline::selfcheck {
namespace {

struct Word {
  std::string text;
  std::string why;
  bool in_code_only;  // telemetry in tests, rules and documents may hold it
};

// Put together here, so that this file may itself be checked.
const std::vector<Word>& words() {
  static const std::vector<Word> kWords = {
      {std::string("TO") + "DO", "finish it or file an issue", false},
      {std::string("FIX") + "ME", "finish it or file an issue", false},
      {std::string("XX") + "X", "finish it or file an issue", false},
      {std::string("/wo") + "rk/", "a path of somebody's machine", false},
      {std::string("/ro") + "ot/", "a path of somebody's machine", true},
  };
  return kWords;
}

bool is_word_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool stands_alone(std::string_view line, std::size_t at, const std::string& text) {
  const bool begins = at == 0 || !is_word_character(line[at - 1]);
  const std::size_t end = at + text.size();
  const bool ends = end >= line.size() || !is_word_character(text.back()) || !is_word_character(line[end]);
  return begins && ends;
}

bool holds_telemetry(const std::string& path) {
  const bool is_code = path.starts_with("src/") && !path.starts_with("src/replay/") && !path.ends_with("_test.cc");
  const bool is_build = path.starts_with("cmake/") || path.starts_with("scripts/") || path.starts_with(".ci/") ||
                        path == "run" || path == "test" || path.ends_with("CMakeLists.txt");
  return !is_code && !is_build;
}

bool is_generated(const std::string& path) { return path.ends_with("package-lock.json"); }

}  // namespace

std::vector<Finding> check_words(const Tree& tree) {
  std::vector<Finding> findings;
  for (const auto& [path, text] : tree.files) {
    if (is_generated(path)) continue;
    std::size_t number = 0;
    for (const std::string_view line : lines_of(text)) {
      ++number;
      for (const Word& word : words()) {
        if (word.in_code_only && holds_telemetry(path)) continue;
        const std::size_t at = line.find(word.text);
        if (at == std::string_view::npos || !stands_alone(line, at, word.text)) continue;
        findings.push_back({path, number, word.text + ": " + word.why});
      }
    }
  }
  return findings;
}

std::vector<Finding> check_fuzzers(const Tree& tree) {
  // These decode nothing themselves: a reader that decoders share, and the list of names.
  static const std::set<std::string> kExempt = {"json", "formats"};
  constexpr std::string_view kFolder = "src/sources/";
  std::set<std::string> folders;
  for (const auto& [path, text] : tree.files) {
    if (!path.starts_with(kFolder) || !path.ends_with(".cc")) continue;
    const std::string below = path.substr(kFolder.size());
    const std::size_t slash = below.find('/');
    if (slash != std::string::npos) folders.insert(below.substr(0, slash));
  }
  const auto list = tree.files.find("fuzz/CMakeLists.txt");
  std::vector<Finding> findings;
  for (const std::string& folder : folders) {
    if (kExempt.contains(folder)) continue;
    const std::string fuzzer = "fuzz/" + folder + "_fuzz.cc";
    if (!tree.has(fuzzer)) {
      findings.push_back({std::string(kFolder) + folder, 0, "has no fuzzer: " + fuzzer + " is not there"});
    } else if (list == tree.files.end() || list->second.find(folder) == std::string::npos) {
      findings.push_back({fuzzer, 0, "is not built: fuzz/CMakeLists.txt does not name it"});
    }
  }
  return findings;
}

}  // namespace sightline::selfcheck
