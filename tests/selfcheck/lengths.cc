#include "lengths.h"

#include <algorithm>
#include <cctype>
#include <regex>
#include <set>

namespace sightline::selfcheck {
namespace {

// `text` with comments, literals and preprocessor lines blanked out; line feeds stay where they are.
std::string code_only(std::string_view text) {
  std::string code(text);
  const auto blank = [&code](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < std::min(end, code.size()); ++i) {
      if (code[i] != '\n') code[i] = ' ';
    }
  };
  const auto after = [text](std::string_view mark, std::size_t from) {
    const std::size_t found = text.find(mark, from);
    return found == std::string_view::npos ? text.size() : found + mark.size();
  };
  bool line_begins = true;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i + 1;
    const std::string_view rest = text.substr(i);
    if (rest.starts_with("//")) {
      end = std::min(text.find('\n', i), text.size());
    } else if (rest.starts_with("/*")) {
      end = after("*/", i + 2);
    } else if (rest.starts_with("R\"")) {
      const std::size_t parenthesis = text.find('(', i);
      end = after(")" + std::string(text.substr(i + 2, parenthesis - i - 2)) + "\"", i);
    } else if (line_begins && rest.starts_with('#')) {
      while ((end = std::min(text.find('\n', end), text.size())) < text.size() && text[end - 1] == '\\') ++end;
    } else if (rest[0] == '"' ||
               (rest[0] == '\'' && (i == 0 || std::isalnum(static_cast<unsigned char>(text[i - 1])) == 0))) {
      for (end = i + 1; end < text.size() && text[end] != rest[0]; ++end) {
        if (text[end] == '\\') ++end;
      }
      end = std::min(end + 1, text.size());
    }
    if (end > i + 1) blank(i, end);
    line_begins = text[i] == '\n' || (line_begins && std::isspace(static_cast<unsigned char>(text[i])) != 0);
    i = end;
  }
  return code;
}

enum class Scope { container, function, other };

struct Open {
  Scope scope;
  std::string name;
  std::size_t line;
  bool keeps_head;  // a member's braces in a constructor's initialisers: the head goes on behind them
};

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \n\t");
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(" \n\t") + 1 - begin));
}

std::string function_name(const std::string& head) {
  static const std::regex kName(R"(([A-Za-z_~][\w:~]*|operator[^\s(]+)\s*\()");
  std::smatch match;
  return std::regex_search(head, match, kName) ? match[1].str() : head;
}

// What the brace behind `head`, at namespace or class scope, opens.
Open open_of(const std::string& head, std::size_t line) {
  static const std::regex kContainer(
      R"(^(template\s*<.*>\s*)?(inline\s+)?(namespace|class|struct|union|enum|extern)\b)");
  static const std::regex kInitialiser(R"(^[^()]*[^=!<>()]=[^=])");
  static const std::regex kMembers(R"(\)\s*(noexcept\s*)?:[^:])");
  const char last = head.empty() ? ' ' : head.back();
  if (head.find('(') == std::string::npos || std::regex_search(head, kContainer)) {
    const bool is_container = std::regex_search(head, kContainer) || head.find(')') != std::string::npos;
    return {is_container ? Scope::container : Scope::other, head, line, false};
  }
  if (std::regex_search(head, kInitialiser) && head.find("operator") == std::string::npos) {
    return {Scope::other, head, line, false};
  }
  const bool names_member = std::isalnum(static_cast<unsigned char>(last)) != 0 || last == '_' || last == '>';
  if (std::regex_search(head, kMembers) && names_member) return {Scope::other, head, line, true};
  return {Scope::function, function_name(head), line, false};
}

}  // namespace

std::vector<Function> functions_of(std::string_view text) {
  const std::string code = code_only(text);
  std::vector<Function> functions;
  std::vector<Open> open;
  std::string head;
  std::size_t head_line = 1;
  std::size_t line = 1;
  for (const char c : code) {
    const bool at_container = open.empty() || open.back().scope == Scope::container;
    if (c == '{') {
      open.push_back(at_container ? open_of(trimmed(head), head_line) : Open{Scope::other, {}, line, false});
      if (!open.back().keeps_head) head.clear();
    } else if (c == '}' && !open.empty()) {
      const Open closed = open.back();
      open.pop_back();
      if (closed.scope == Scope::function) functions.push_back({closed.name, closed.line, line - closed.line + 1});
      if (closed.keeps_head) {
        head += ')';  // as if the member had been initialised in parentheses
      } else if (open.empty() || open.back().scope == Scope::container) {
        head.clear();
      }
    } else if (at_container) {
      if (c == ';') {
        head.clear();
      } else if (trimmed(head).empty() && std::isspace(static_cast<unsigned char>(c)) == 0) {
        head = c;
        head_line = line;
      } else {
        head += c;
      }
    }
    if (c == '\n') ++line;
  }
  return functions;
}

std::vector<Finding> check_lengths(const Tree& tree, const std::string& allow_list_path) {
  std::set<std::string> allowed;
  if (const auto list = tree.files.find(allow_list_path); list != tree.files.end()) {
    for (const std::string_view line : lines_of(list->second)) {
      if (!line.empty() && !line.starts_with('#')) allowed.emplace(line);
    }
  }
  std::vector<Finding> findings;
  const auto judge = [&](const std::string& entry, Finding finding) {
    if (allowed.erase(entry) == 0) findings.push_back(std::move(finding));
  };
  for (const auto& [path, text] : tree.files) {
    if (!path.starts_with("src/") || !(path.ends_with(".h") || path.ends_with(".cc"))) continue;
    if (const std::size_t lines = lines_of(text).size(); lines > kMaxFileLines) {
      judge(path, {path, 0, std::to_string(lines) + " lines; at most " + std::to_string(kMaxFileLines)});
    }
    for (const Function& function : functions_of(text)) {
      if (function.lines <= kMaxFunctionLines) continue;
      judge(path + " " + function.name, {path, function.line,
                                         function.name + " has " + std::to_string(function.lines) + " lines; at most " +
                                             std::to_string(kMaxFunctionLines)});
    }
  }
  for (const std::string& entry : allowed) {
    findings.push_back({allow_list_path, 0, "\"" + entry + "\" is no longer needed: take it out"});
  }
  return findings;
}

}  // namespace sightline::selfcheck
