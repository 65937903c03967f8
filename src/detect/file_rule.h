// Rules about files: paths, what is left out, and what is done to them.
#pragma once

#include <string>
#include <vector>

namespace sightline::detect {

// In paths and globs `*` and `?` stand for characters of one name, `**` for any characters.
struct FileRule {
  struct Path {
    std::string path;        // absolute; ending in a slash it means the entries of that folder
    bool recursive = false;  // the path itself and everything below it
  };
  std::vector<Path> paths;              // at least one
  std::vector<std::string> ignore;      // globs: of the whole path where they have a slash, else of its last name
  std::vector<std::string> operations;  // values of `type`, at least one
};

// What a file rule may name as operations.
const std::vector<std::string>& file_operations();

// The rule as an expression of the query language, about where the file is and, of a rename, where it was.
std::string filter_of(const FileRule& rule);

}  // namespace sightline::detect
