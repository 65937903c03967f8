#include <cctype>
#include <filesystem>
#include <map>
#include <regex>
#include <set>

#include "documents.h"

namespace sightline::selfcheck {
namespace {

bool is_fence(std::string_view line) {
  const std::size_t begin = line.find_first_not_of(' ');
  return begin != std::string_view::npos &&
         (line.substr(begin).starts_with("```") || line.substr(begin).starts_with("~~~"));
}

std::string without_code(std::string_view line) {
  static const std::regex kCode("`[^`]*`");
  return std::regex_replace(std::string(line), kCode, "");
}

// As the forges make them: lower case, spaces to dashes, punctuation gone; bytes beyond ASCII stay.
std::string slug_of(std::string_view heading) {
  std::string slug;
  for (const char c : heading) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '_' || c == '-' || byte >= 0x80) slug += static_cast<char>(std::tolower(byte));
    if (c == ' ') slug += '-';
  }
  return slug;
}

std::set<std::string> anchors_of(std::string_view text) {
  static const std::regex kHeading(R"(^#{1,6}\s+(.*?)\s*#*\s*$)");
  std::set<std::string> anchors;
  std::map<std::string, int> seen;
  bool fenced = false;
  for (const std::string_view line : lines_of(text)) {
    if (is_fence(line)) fenced = !fenced;
    std::match_results<std::string_view::const_iterator> match;
    if (fenced || !std::regex_match(line.begin(), line.end(), match, kHeading)) continue;
    const std::string slug = slug_of(match[1].str());
    const int before = seen[slug]++;
    anchors.insert(before == 0 ? slug : slug + "-" + std::to_string(before));
  }
  return anchors;
}

struct Link {
  std::string target;
  std::size_t line;
};

std::vector<Link> links_of(std::string_view text) {
  static const std::regex kInline(R"(\]\(\s*<?([^)\s>]+)>?[^)]*\))");
  static const std::regex kReference(R"(^\s{0,3}\[[^\]]+\]:\s*<?(\S+?)>?(\s|$))");
  std::vector<Link> links;
  std::size_t number = 0;
  bool fenced = false;
  for (const std::string_view raw : lines_of(text)) {
    ++number;
    if (is_fence(raw)) fenced = !fenced;
    if (fenced) continue;
    const std::string line = without_code(raw);
    for (std::sregex_iterator match(line.begin(), line.end(), kInline); match != std::sregex_iterator(); ++match) {
      links.push_back({(*match)[1].str(), number});
    }
    std::smatch reference;
    if (std::regex_search(line, reference, kReference)) links.push_back({reference[1].str(), number});
  }
  return links;
}

bool is_elsewhere(const std::string& target) {
  static const std::regex kScheme("^[a-zA-Z][a-zA-Z0-9+.-]*:");
  return std::regex_search(target, kScheme);
}

}  // namespace

std::vector<Finding> check_links(const Tree& tree) {
  std::vector<Finding> findings;
  for (const auto& [path, text] : tree.files) {
    if (!path.ends_with(".md")) continue;
    for (const Link& link : links_of(text)) {
      if (is_elsewhere(link.target)) continue;
      const std::size_t hash = link.target.find('#');
      const std::string file = link.target.substr(0, hash);
      std::string resolved = path;
      if (!file.empty()) {
        const std::filesystem::path folder = std::filesystem::path(path).parent_path();
        resolved = (file.starts_with('/') ? std::filesystem::path(file.substr(1)) : folder / file)
                       .lexically_normal()
                       .generic_string();
        if (resolved == ".") resolved.clear();
      }
      if (!tree.has(resolved) && !tree.has_folder(resolved)) {
        findings.push_back({path, link.line, "dead link: " + link.target});
        continue;
      }
      if (hash == std::string::npos || !resolved.ends_with(".md")) continue;
      if (!anchors_of(tree.files.at(resolved)).contains(link.target.substr(hash + 1))) {
        findings.push_back({path, link.line, "dead link: no such heading: " + link.target});
      }
    }
  }
  return findings;
}

}  // namespace sightline::selfcheck
