// The files of the repository, as the checks see them. Checks take a Tree, so that a test can hand them a small bad
// one.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sightline::selfcheck {

struct Tree {
  std::map<std::string, std::string> files;  // by path from the root, with '/'; contents of text files, "" of others

  bool has(const std::string& path) const { return files.contains(path); }
  bool has_folder(const std::string& path) const;
};

// Something the rules of the repository forbid.
struct Finding {
  std::string file;
  std::size_t line = 0;  // 0: the file as a whole
  std::string message;
};

std::string to_string(const Finding& finding);

// Every file below `root` that git tracks or does not ignore; where there is no git, every file outside the folders
// that builds and data make.
Tree read_tree(const std::filesystem::path& root);

// The lines of a text, without their line feeds.
std::vector<std::string_view> lines_of(std::string_view text);

}  // namespace sightline::selfcheck
