#include "tree.h"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>

namespace sightline::selfcheck {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxTextBytes = 4UL * 1024 * 1024;

// Empty where git or the repository is missing.
std::vector<std::string> ask_git(const fs::path& root) {
  const std::string command =
      "git -C '" + root.string() + "' ls-files -z --cached --others --exclude-standard 2>/dev/null";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  std::vector<std::string> paths;
  if (pipe == nullptr) return paths;
  std::string path;
  for (int c = std::fgetc(pipe.get()); c != EOF; c = std::fgetc(pipe.get())) {
    if (c != 0) {
      path += static_cast<char>(c);
    } else {
      paths.push_back(std::move(path));
      path.clear();
    }
  }
  return paths;
}

std::vector<std::string> walk(const fs::path& root) {
  std::vector<std::string> paths;
  for (auto entry = fs::recursive_directory_iterator(root); entry != fs::recursive_directory_iterator(); ++entry) {
    const std::string path = entry->path().lexically_relative(root).generic_string();
    const bool made = path == "build" || path == "data" || path == ".git" || path.ends_with("node_modules");
    if (made) entry.disable_recursion_pending();
    if (!made && entry->is_regular_file()) paths.push_back(path);
  }
  return paths;
}

std::string read_text(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  const bool binary = text.size() > kMaxTextBytes || text.find('\0') != std::string::npos;
  return binary ? std::string() : text;
}

}  // namespace

bool Tree::has_folder(const std::string& path) const {
  if (path.empty()) return true;
  const std::string prefix = path.ends_with('/') ? path : path + "/";
  const auto found = files.lower_bound(prefix);
  return found != files.end() && found->first.starts_with(prefix);
}

std::string to_string(const Finding& finding) {
  std::string text = finding.file;
  if (finding.line != 0) text += ":" + std::to_string(finding.line);
  return text + ": " + finding.message;
}

Tree read_tree(const fs::path& root) {
  std::vector<std::string> paths = ask_git(root);
  if (paths.empty()) paths = walk(root);
  Tree tree;
  for (const std::string& path : paths) {
    const fs::path file = root / path;
    if (fs::is_regular_file(file)) tree.files.emplace(path, read_text(file));  // one removed but still tracked is not
  }
  return tree;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t feed = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, feed));
    text.remove_prefix(std::min(feed + 1, text.size()));
  }
  return lines;
}

}  // namespace sightline::selfcheck
