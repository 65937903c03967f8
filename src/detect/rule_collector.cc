#include "detect/rule_collector.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>

namespace sightline::detect {
namespace {

namespace fs = std::filesystem;

Result<void> add_folder(const fs::path& folder, std::span<const std::string_view> endings,
                        std::vector<fs::path>& files) {
  std::error_code error;
  fs::recursive_directory_iterator entries(folder, error);
  for (; !error && entries != fs::recursive_directory_iterator(); entries.increment(error)) {
    const bool hidden = entries->path().filename().string().starts_with('.');
    std::error_code ignored;
    if (entries->is_directory(ignored)) {
      if (hidden) entries.disable_recursion_pending();
      continue;
    }
    const bool wanted = std::ranges::find(endings, entries->path().extension().string()) != endings.end();
    if (hidden || !wanted || !entries->is_regular_file(ignored)) continue;
    if (files.size() >= kMaxRuleFiles) {
      return fail(ErrorCode::too_large, fmt::format("{}: more than {} rule files", folder.string(), kMaxRuleFiles));
    }
    files.push_back(entries->path());
  }
  if (error) return fail(ErrorCode::unavailable, fmt::format("cannot list {}: {}", folder.string(), error.message()));
  return {};
}

RuleProblem problem_at(const RuleDefinition& definition, std::string message, std::string hint) {
  return {definition.rule.file, definition.id.line, definition.id.column,
          definition.rule.id,   std::move(message), std::move(hint)};
}

}  // namespace

Result<std::vector<fs::path>> find_rule_files(std::span<const fs::path> paths,
                                              std::span<const std::string_view> endings) {
  std::vector<fs::path> files;
  for (const fs::path& path : paths) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::exists(status))
      return fail(ErrorCode::not_found, fmt::format("no such file or folder: {}", path.string()));
    if (!fs::is_directory(status)) {
      files.push_back(path);
    } else if (auto added = add_folder(path, endings, files); !added) {
      return std::unexpected(added.error());
    }
  }
  std::ranges::sort(files);
  const auto repeated = std::ranges::unique(files);
  files.erase(repeated.begin(), repeated.end());
  return files;
}

Result<std::string> read_rule_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorCode::unavailable, fmt::format("cannot open {}", path.string()));
  constexpr std::size_t kPieceBytes = 16UL * 1024;
  std::string text;
  while (file && text.size() <= kMaxRuleFileBytes) {
    const std::size_t before = text.size();
    text.resize(before + kPieceBytes);
    file.read(text.data() + before, kPieceBytes);
    text.resize(before + static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad()) return fail(ErrorCode::unavailable, fmt::format("cannot read {}", path.string()));
  if (text.size() > kMaxRuleFileBytes) {
    return fail(ErrorCode::too_large, fmt::format("the file is larger than {} bytes", kMaxRuleFileBytes));
  }
  return text;
}

CollectedRules collect_rules(std::span<const RuleText> texts) {
  CollectedRules collected;
  std::map<std::string, std::string, std::less<>> places;
  for (const RuleText& text : texts) {
    if (text.yaml.size() > kMaxRuleFileBytes) {
      collected.problems.push_back(
          {text.file, 0, 0, {}, fmt::format("the file is larger than {} bytes", kMaxRuleFileBytes), "split it"});
      continue;
    }
    ReadRules read = read_rules(text.file, text.yaml);
    std::ranges::move(read.problems, std::back_inserter(collected.problems));
    std::ranges::move(read.filters, std::back_inserter(collected.filters));
    std::ranges::move(read.rulesets, std::back_inserter(collected.rulesets));
    for (RuleDefinition& definition : read.definitions) {
      const Rule& rule = definition.rule;
      if (collected.definitions.size() >= kMaxRules) {
        collected.problems.push_back(
            problem_at(definition, fmt::format("more than {} rules", kMaxRules), "load fewer"));
        continue;
      }
      const auto [place, fresh] = places.emplace(rule.id, fmt::format("{}:{}", rule.file, definition.id.line));
      if (!fresh) {
        collected.problems.push_back(
            problem_at(definition, fmt::format("the id is taken by {}", place->second), "give this rule another id"));
        continue;
      }
      collected.definitions.push_back(std::move(definition));
      collected.texts.push_back(&text);
    }
  }
  return collected;
}

}  // namespace sightline::detect
