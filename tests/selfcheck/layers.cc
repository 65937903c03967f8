#include "layers.h"

#include <algorithm>
#include <optional>
#include <regex>

namespace sightline::selfcheck {
namespace {

struct Module {
  std::string_view folder;                 // below src/; the longest that fits a file is its module
  std::vector<std::string_view> includes;  // folders whose headers it may include, beside its own
};

const std::vector<Module>& modules() {
  static const std::vector<Module> kModules = {
      {"base", {}},
      {"http_client", {"base"}},
      {"event", {"base"}},
      {"query", {"base", "event"}},
      {"sources", {"base", "event"}},
      {"store", {"base", "event", "query"}},
      {"store/clickhouse", {"base", "event", "query", "store"}},
      {"store/clickhouse/embedded", {"base", "event", "query", "store"}},
      {"detect/yaml", {}},
      {"detect/sigma", {"base", "event", "query", "detect/yaml"}},
      {"detect/matcher", {"base", "event", "query"}},
      {"detect", {"base", "event", "query", "sources", "detect/yaml", "detect/sigma", "detect/matcher"}},
      {"alerts", {"base", "event", "query", "sources", "detect"}},
      {"control", {"base", "event", "query", "sources", "detect", "alerts", "store"}},
      {"server", {"base", "event", "query", "sources", "detect", "alerts", "store", "control"}},
      {"server/http", {"base"}},
      {"server/backup", {"base"}},
      {"cli", {"base", "http_client", "event", "query", "sources", "detect", "alerts"}},
      {"agent/spool", {"base"}},
      {"agent/audit_rules", {"base"}},
      {"agent", {"base", "http_client", "event", "sources", "cli/terminal"}},
      {"replay", {"base", "event"}},
      {"testing", {"base"}},
  };
  return kModules;
}

// Folders that only a program's main file or its commands may name, whatever the table says, and tests of course.
constexpr std::string_view kBackends[] = {"store/clickhouse"};

bool is_below(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

const Module* module_of(std::string_view path_below_src) {
  const Module* best = nullptr;
  for (const Module& module : modules()) {
    if (!is_below(path_below_src, module.folder) || path_below_src.size() == module.folder.size()) continue;
    if (best == nullptr || module.folder.size() > best->folder.size()) best = &module;
  }
  return best;
}

// Tests and what only they use. They look at whatever their subject feeds, above it too: what they may link is written
// in their CMakeLists.txt, and a ring does not link.
bool is_test(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return name.ends_with("_test.cc") || name.ends_with("_fixture.h") || name.starts_with("fake_") ||
         name.starts_with("testing_") || path.find("/testing/") != std::string_view::npos;
}

bool may_name_backends(std::string_view path) {
  return path.ends_with("_main.cc") || path.ends_with("/main.cc") || path.starts_with("src/server/commands/");
}

// Why `file` may not include `header` (both below src/), or nothing.
std::optional<std::string> objection(const std::string& file, std::string_view below_src, const Module& module,
                                     std::string_view header) {
  if (module_of(header) == nullptr || is_test(file)) return std::nullopt;  // not ours, or a test
  if (is_test("src/" + std::string(header))) return "only tests include \"" + std::string(header) + "\"";
  for (const std::string_view backend : kBackends) {
    if (!is_below(header, backend) || is_below(below_src, backend)) continue;
    if (may_name_backends(file)) return std::nullopt;
    return "only main files name the backend \"" + std::string(header) + "\"";
  }
  const bool own = is_below(header, module.folder);
  const bool allowed = std::ranges::any_of(module.includes, [&](auto folder) { return is_below(header, folder); });
  if (own || allowed) return std::nullopt;
  return std::string(module.folder) + " may not include \"" + std::string(header) + "\"";
}

}  // namespace

std::vector<Finding> check_layers(const Tree& tree) {
  static const std::regex kInclude(R"re(^\s*#\s*include\s+"([^"]+)")re");
  std::vector<Finding> findings;
  for (const auto& [path, text] : tree.files) {
    if (!path.starts_with("src/") || !(path.ends_with(".h") || path.ends_with(".cc"))) continue;
    const std::string below_src = path.substr(4);
    const Module* module = module_of(below_src);
    if (module == nullptr) {
      findings.push_back({path, 0, "its folder is in no layer: add it to the tables in layers.cc and ARCHITECTURE.md"});
      continue;
    }
    std::size_t number = 0;
    for (const std::string_view line : lines_of(text)) {
      ++number;
      std::match_results<std::string_view::const_iterator> match;
      if (!std::regex_search(line.begin(), line.end(), match, kInclude)) continue;
      if (const auto why = objection(path, below_src, *module, match[1].str())) {
        findings.push_back({path, number, *why});
      }
    }
  }
  return findings;
}

}  // namespace sightline::selfcheck
