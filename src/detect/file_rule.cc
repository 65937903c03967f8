#include "detect/file_rule.h"

#include <fmt/format.h>

#include <string_view>

#include "query/string_literal.h"
#include "query/text_form.h"

namespace sightline::detect {
namespace {

bool has_wildcard(std::string_view text) { return text.find_first_of("*?") != std::string_view::npos; }

std::string regex_of(std::string_view glob) {
  constexpr std::string_view kSpecial = R"(\.+()|[]{}^$)";
  std::string out;
  for (std::size_t i = 0; i < glob.size(); ++i) {
    const char c = glob[i];
    if (c == '*' && glob.substr(i).starts_with("**")) {
      out += ".*";
      ++i;
    } else if (c == '*') {
      out += "[^/]*";
    } else if (c == '?') {
      out += "[^/]";
    } else {
      if (kSpecial.contains(c)) out += '\\';
      out += c;
    }
  }
  return out;
}

// `condition` of either name of the file.
std::string of_either(std::string_view condition) { return fmt::format("filename {0} OR old_filename {0}", condition); }

std::string matches(std::string_view regex) {
  return of_either(fmt::format("matches {}", query::encode_pattern(fmt::format("(?s){}$", regex))));
}

std::string condition_of(const FileRule::Path& path) {
  const std::string_view text = path.path;
  const bool folder = text.ends_with('/');
  if (has_wildcard(text)) {
    const std::string_view bare = folder ? text.substr(0, text.size() - 1) : text;
    if (path.recursive) return matches("^" + regex_of(bare) + "(/.*)?");
    return matches("^" + regex_of(bare) + (folder ? "/[^/]+" : ""));
  }
  if (path.recursive) {
    const std::string_view bare = folder ? text.substr(0, text.size() - 1) : text;
    return fmt::format("{} OR {}", of_either(fmt::format("= {}", query::quote(bare))),
                       of_either(fmt::format("starts_with {}", query::quote(fmt::format("{}/", bare)))));
  }
  if (folder) return matches("^" + regex_of(text) + "[^/]+");
  return of_either(fmt::format("= {}", query::quote(text)));
}

std::string condition_of_ignored(std::string_view glob) {
  if (glob.contains('/')) return matches("^" + regex_of(glob));
  return matches("(^|/)" + regex_of(glob));
}

}  // namespace

const std::vector<std::string>& file_operations() {
  static const std::vector<std::string> kOperations{"create", "modify", "delete", "rename", "attrib", "open"};
  return kOperations;
}

std::string filter_of(const FileRule& rule) {
  std::string operations;
  for (const std::string& operation : rule.operations) {
    operations += (operations.empty() ? "" : ", ") + query::quote(operation);
  }
  std::string paths;
  for (const FileRule::Path& path : rule.paths) paths += (paths.empty() ? "" : " OR ") + condition_of(path);
  std::string filter = fmt::format(R"(event_type = "file" AND type IN ({}) AND ({}))", operations, paths);
  for (const std::string& glob : rule.ignore) filter += fmt::format(" AND NOT ({})", condition_of_ignored(glob));
  return filter;
}

}  // namespace sightline::detect
