#include "detect/rules_doc.h"

#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <string_view>
#include <vector>

namespace sightline::detect {
namespace {

// One cell: no line breaks, and no bars that would end it.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' || c == '\r' ? ' ' : c;
  }
  return out;
}

std::string_view first_sentence(std::string_view text) {
  const std::size_t end = std::min(text.find(". "), text.find(".\n"));
  if (end != std::string_view::npos) return text.substr(0, end);
  while (text.ends_with('\n') || text.ends_with('.')) text.remove_suffix(1);
  return text;
}

// T1098.004 of attack.t1098.004.
std::string techniques_of(const Rule& rule) {
  constexpr std::string_view kTechnique = "attack.t";
  std::vector<std::string> techniques;
  for (const std::string& tag : rule.tags) {
    if (!tag.starts_with(kTechnique) || tag.find_first_of("0123456789") != kTechnique.size()) continue;
    techniques.push_back("T" + tag.substr(kTechnique.size()));
  }
  return fmt::format("{}", fmt::join(techniques, ", "));
}

}  // namespace

std::string rules_markdown(const RuleSet& rules) {
  std::map<std::string, std::vector<const Rule*>> folders;
  for (const Rule& rule : rules.rules()) {
    folders[std::filesystem::path(rule.file).parent_path().filename().string()].push_back(&rule);
  }
  std::string page;
  for (const auto& [folder, members] : folders) {
    if (!page.empty()) page += '\n';
    page += fmt::format("## {}\n\n| rule | severity | fires on | ATT&CK |\n|---|---|---|---|\n",
                        folder.empty() ? "rules" : folder);
    for (const Rule* rule : members) {
      const std::string_view what = rule->description.empty() ? rule->title.text() : first_sentence(rule->description);
      page += fmt::format("| `{}` | {} | {} | {} |\n", rule->id, rule->severity, cell(what), techniques_of(*rule));
    }
  }
  return page;
}

}  // namespace sightline::detect
