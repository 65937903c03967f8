#include "detect/sigma_files.h"

#include <fmt/format.h>

#include <array>
#include <optional>

#include "detect/rule_collector.h"

namespace sightline::detect {
namespace {

namespace fs = std::filesystem;

class Reader {
 public:
  explicit Reader(const LoadOptions& options) : files_{options.placeholders, options.mapping(), {}} {}

  void placeholders(const fs::path& file) {
    const auto text = text_of(file);
    if (!text) return;
    if (file.extension() != ".txt") {
      take(file, sigma::read_placeholders(*text));
      return;
    }
    const std::string name = file.stem().string();
    if (!sigma::is_placeholder_name(name)) {
      problem(file, {0, 0, "the file's name is no name of a placeholder", "call it as in Administrators.txt"});
      return;
    }
    auto values = sigma::read_placeholder_lines(*text);
    if (!values) return problem(file, std::move(values.error()));
    take(file, sigma::Placeholders{{name, std::move(*values)}});
  }

  void mapping(const fs::path& file) {
    const auto text = text_of(file);
    if (!text) return;
    if (auto added = files_.mapping.add(*text); !added) problem(file, std::move(added.error()));
  }

  SigmaFiles files() && { return std::move(files_); }

 private:
  std::optional<std::string> text_of(const fs::path& file) {
    auto text = read_rule_file(file);
    if (text) return std::move(*text);
    problem(file, {0, 0, text.error().message, {}});
    return std::nullopt;
  }

  void take(const fs::path& file, std::expected<sigma::Placeholders, sigma::Problem> read) {
    if (!read) return problem(file, std::move(read.error()));
    for (auto& [name, values] : *read) {
      if (files_.placeholders.size() >= sigma::kMaxPlaceholders) {
        return problem(file, {0, 0, fmt::format("more than {} placeholders", sigma::kMaxPlaceholders), {}});
      }
      if (files_.placeholders.emplace(name, std::move(values)).second) continue;
      problem(file, {0, 0, fmt::format("placeholder {} is in another file, too", name), "list it in one file"});
    }
  }

  void problem(const fs::path& file, sigma::Problem found) {
    files_.problems.push_back(
        {file.string(), found.line, found.column, {}, std::move(found.message), std::move(found.hint)});
  }

  SigmaFiles files_;
};

}  // namespace

Result<SigmaFiles> load_sigma_files(const LoadOptions& options) {
  constexpr std::array<std::string_view, 3> kEndings{".yaml", ".yml", ".txt"};
  const auto placeholders = find_rule_files(options.placeholder_paths, kEndings);
  if (!placeholders) return std::unexpected(placeholders.error());
  const auto mappings = find_rule_files(options.mapping_paths);
  if (!mappings) return std::unexpected(mappings.error());
  Reader reader(options);
  for (const fs::path& file : *placeholders) reader.placeholders(file);
  for (const fs::path& file : *mappings) reader.mapping(file);
  return std::move(reader).files();
}

}  // namespace sightline::detect
